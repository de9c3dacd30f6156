import type { Target } from './target.ts'

/** What ejection says of itself, and what an operator may ask of it. */
export interface EjectionView {
  /** When the ejection ends; undefined for a target that is not out. */
  ejectedUntil(target: Target): number | undefined
  /** False when that would take the last usable target. */
  ejectByHand(target: Target, who: string, now: number): boolean
  /** It is back at once. */
  readmit(target: Target, now: number): void
}
