import type { Random } from '../time/random.ts'
import type { Target } from './target.ts'

/** What a picker may look at. */
export interface PickContext {
  readonly now: number
  readonly random: Random
  /** True for every attempt but the first of an exchange: it must not move a rotation on. */
  readonly retry: boolean
}

/** Chooses one of the candidates. */
export interface Picker {
  readonly algorithm: string
  /** `candidates` is never empty. The same array is given again while nothing has changed, so tables may be kept by it. */
  pick(candidates: readonly Target[], context: PickContext): Target
}

/** How busy a target is: a number, lower is better. */
export type Load = (target: Target) => number
