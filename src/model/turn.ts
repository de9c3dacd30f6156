import type { Target } from './target.ts'

/** Somebody has begun to refuse a target, or refuses it no more. */
export interface Turn {
  readonly upstream: string
  readonly target: Target
  /** Who: `health`, `ejection`, `breaker`. */
  readonly by: string
  /** Why it is out; undefined: it is back, as far as this one is concerned. */
  readonly why: string | undefined
}
