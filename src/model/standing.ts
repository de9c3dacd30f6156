import type { Target } from './target.ts'

/** Asks whether a target gets traffic now as far as everybody is concerned. */
export type IsUsable = (target: Target, now: number) => boolean
