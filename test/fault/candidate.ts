import type { Command } from '../../bench/macro/candidate.ts'

/** Where a candidate runs, all ports on 127.0.0.1, and a directory for its files. */
export interface Place {
  readonly port: number
  readonly adminPort: number
  readonly upstreamPorts: readonly number[]
  readonly directory: string
  /** Whether it is to limit the requests at an upstream. */
  readonly limited: boolean
}

/** A gateway under test: one process or worker, which passes /work on to all three upstreams and asks their /health each second. */
export interface Candidate {
  readonly name: string
  /** Why it cannot run on this machine, or undefined when it can. */
  readonly missing: () => string | undefined
  /** Writes what it needs into the directory and answers how to start it. */
  readonly command: (place: Place) => Command
  /** How it ends without delay and leaves nothing behind; Evergate would drain, nginx has a child. */
  readonly endsOn: 'SIGTERM' | 'SIGKILL'
  /** Whether a broken `must` fails the run. */
  readonly judged: boolean
}
