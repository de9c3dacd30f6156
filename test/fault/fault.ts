import type { Behaviour } from './behaviour.ts'
import type { Fleet } from './fleet.ts'
import type { Load } from './load.ts'
import type { Metrics, Window } from './measure.ts'
import type { Must } from './must.ts'

/** What a fault can do to the upstreams while the load runs. */
export interface Scene {
  readonly fleet: Fleet
  /** Resolves after so many seconds of a run of 10 s, in a shorter run after the same part of it. False: the run is over. */
  wait(seconds: number): Promise<boolean>
  /** Judges from now on, in place of from the moment when the fault began. */
  judgeFromNow(by: Window['by']): void
}

/** One row of the table. */
export interface Fault {
  readonly name: string
  readonly load: Load
  /** How the upstreams are from the beginning; good where it is absent. */
  readonly upstreams?: Behaviour
  /** Candidates limit the requests at an upstream, and know priorities where they can. */
  readonly limited?: boolean
  /** How long it takes, as a multiple of the others. */
  readonly length?: number
  /** Called when the load has run for a fifth of its time. */
  begin(scene: Scene): Promise<void>
  readonly musts: readonly Must[]
  /** What else is worth saying of a run, in a few words. */
  readonly note?: (metrics: Metrics) => string
}
