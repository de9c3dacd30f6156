// Faults of the service itself: its port is open and its health check good, but its answers are not.
import type { Behaviour } from '../behaviour.ts'
import type { Fault } from '../fault.ts'
import { attemptsAtMost, attemptsOverallAtMost, type Must, noFailure, p99AtMost, p999AtMost, successAtLeast } from '../must.ts'

const load = { rate: 300 }

/** One upstream behaves like this from the beginning of the fault to the end. */
function oneIs(name: string, behaviour: Behaviour, musts: readonly Must[]): Fault {
  return { name, load, begin: async ({ fleet }) => fleet.one.behave(behaviour), musts }
}

const tail: Fault = {
  name: '1 % of answers take 1 s, everywhere',
  load,
  upstreams: { kind: 'tail', share: 0.01, delayMs: 1000 },
  begin: async () => {},
  musts: [noFailure, p999AtMost(100), attemptsAtMost(1.05)]
}

/** The health checks fail too, so nothing is left that a gateway could prefer. What counts is how soon it believes in them again. */
const outage: Fault = {
  name: 'all fail for 5 s, then heal',
  load,
  length: 1.3,
  begin: async ({ fleet, wait, judgeFromNow }) => {
    await Promise.all(fleet.all.map(upstream => upstream.behave({ kind: 'status', status: 503, health: true })))
    await wait(5)
    await Promise.all(fleet.all.map(upstream => upstream.behave({ kind: 'good' })))
    await wait(0.5)
    judgeFromNow('start')
  },
  musts: [successAtLeast(0.99), attemptsOverallAtMost(1.1)],
  note: ({ amplificationOverall }) => `from 0.5 s after healing on; ${amplificationOverall.toFixed(2)} attempts over the run`
}

export const answerFaults: readonly Fault[] = [
  oneIs('one 50 times slower', { kind: 'slow', delayMs: 500 }, [noFailure, p99AtMost(30)]),
  oneIs('one answers 503 at once', { kind: 'status', status: 503, health: false }, [noFailure, attemptsAtMost(1.05)]),
  oneIs('one resets 30 %', { kind: 'reset', share: 0.3 }, [noFailure]),
  oneIs('one cuts 30 % of its bodies', { kind: 'cut', share: 0.3 }, [successAtLeast(0.999)]),
  oneIs('one sends chunked garbage', { kind: 'garbage' }, [successAtLeast(0.999)]),
  oneIs('one accepts and stays silent', { kind: 'silent' }, [noFailure, p999AtMost(500)]),
  tail,
  outage
]
