import type { Random } from '../time/random.ts'
import type { AttemptObserver } from './attempt.ts'
import type { RequestKey } from './request-key.ts'
import type { Target } from './target.ts'

/** What a picker may look at. */
export interface PickContext {
  readonly now: number
  readonly random: Random
  /** True for every attempt but the first of an exchange: it must not move a rotation on. */
  readonly retry: boolean
  /** What `Picker.key` read from the request. */
  readonly key?: string | undefined
}

/** Chooses one of the candidates. */
export interface Picker {
  readonly algorithm: string
  /** `candidates` is never empty. The same array is given again while nothing has changed, so tables may be kept by it. */
  pick(candidates: readonly Target[], context: PickContext): Target
  /** Reads the text by which requests belong together, where the algorithm goes by one. */
  readonly key?: RequestKey
  /** Told of the group's attempts, where the algorithm learns from them. */
  readonly observer?: AttemptObserver
}

/** How busy a target is: a number, lower is better. */
export type Load = (target: Target) => number
