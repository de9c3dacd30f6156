import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, freePort, nextMessage, startCandidate, startProgram, untilItAnswers } from './child.ts'
import { type Cores, chooseCores } from './cores.ts'
import type { Job, JobResult } from './job.ts'
import type { Entrant } from './scenarios.ts'

/** An entrant that runs. */
export type Running = { readonly entrant: Entrant; readonly port: number; readonly child: Child }

/** What stays for the whole benchmark: the upstream and the load process, and the cores that everything is bound to. */
export type Stage = {
  readonly cores: Cores | undefined
  readonly upstreamPid: number
  /** Starts an entrant; rejects with the reason when it does not come up. */
  start(entrant: Entrant): Promise<Running>
  run<J extends Job>(job: J): Promise<Extract<JobResult, { kind: J['kind'] }>>
  /** Stops everything that was started and removes the temporary directory. */
  close(): Promise<void>
}

function program(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

export async function openStage(): Promise<Stage> {
  const cores = chooseCores()
  const directory = mkdtempSync(join(tmpdir(), 'evergate-bench-'))
  const upstream = startProgram(program('upstream.ts'), cores?.upstream)
  const load = startProgram(program('load.ts'), cores?.load)
  const started = new Set<Child>()
  // The only message that upstream.ts sends.
  const { ports: upstreamPorts } = (await nextMessage(upstream)) as { ports: number[] }
  let places = 0

  async function start(entrant: Entrant): Promise<Running> {
    const [port, adminPort] = [await freePort(), await freePort()]
    const own = join(directory, String(places++))
    mkdirSync(own)
    const command = entrant.candidate.command({ port, adminPort, upstreamPorts, directory: own, routes: entrant.routes })
    const child = startCandidate(command, cores?.candidate)
    started.add(child)
    const [first] = entrant.requests
    await untilItAnswers(child, `http://127.0.0.1:${port}${first?.path}`, first?.headers ?? {})
    return { entrant, port, child }
  }

  async function run<J extends Job>(job: J): Promise<Extract<JobResult, { kind: J['kind'] }>> {
    const result = nextMessage(load)
    load.process.send(job)
    // load.ts answers every job with the result of its kind.
    return (await result) as Extract<JobResult, { kind: J['kind'] }>
  }

  async function close(): Promise<void> {
    await Promise.all([...started, upstream, load].map(child => child.stop()))
    rmSync(directory, { recursive: true, force: true })
  }

  return { cores, upstreamPid: upstream.pid, start, run, close }
}
