import type { Target } from './target.ts'

/** What a breaker says of itself, for those who show it. */
export interface BreakerView {
  stateOf(target: Target, now: number): 'closed' | 'half-open' | 'open'
  /** When an open breaker lets the first probe through; undefined for any other. */
  opensUntil(target: Target): number | undefined
}
