// Faults of the process or its port: somebody else than the service's own code takes it away.
import type { Fault } from '../fault.ts'
import { noDuplicate, noFailedGet, noFailure, p999AtMost } from '../must.ts'

const load = { rate: 300 }

/** Nothing happens: shows what the machine itself does to the latencies. */
const none: Fault = {
  name: 'none',
  load,
  begin: async () => {},
  musts: [noFailure]
}

const kill: Fault = {
  name: 'kill -9 one, 20 % POST',
  load: { ...load, postShare: 0.2 },
  begin: async ({ fleet }) => fleet.one.kill(),
  musts: [noFailedGet, noDuplicate]
}

const stop: Fault = {
  name: 'SIGSTOP one',
  load,
  begin: async ({ fleet }) => fleet.one.freeze(),
  musts: [noFailure, p999AtMost(500)]
}

const refuse: Fault = {
  name: 'one refuses connections',
  load,
  begin: async ({ fleet }) => fleet.one.close({ abruptly: false }),
  musts: [noFailure]
}

const flap: Fault = {
  name: 'one flaps, down 1 s, up 1 s',
  load,
  begin: async ({ fleet, wait }) => {
    do {
      await fleet.one.close({ abruptly: true })
      if (!(await wait(1))) return
      await fleet.one.open()
    } while (await wait(1))
  },
  musts: [noFailure]
}

const rolling: Fault = {
  name: 'rolling restart of all',
  load,
  begin: async ({ fleet, wait }) => {
    for (const upstream of fleet.all) {
      await upstream.restart()
      if (!(await wait(1.5))) return
    }
  },
  musts: [noFailure]
}

export const processFaults: readonly Fault[] = [none, kill, stop, refuse, flap, rolling]
