/**
 * The weight of a new value in a mean that forgets over time: what was learned `timeConstantMs` ago counts 1/e of what is new.
 * Values may come at any pace.
 */
export function weightOfNew(elapsedMs: number, timeConstantMs: number): number {
  return elapsedMs === Number.POSITIVE_INFINITY ? 1 : -Math.expm1(-Math.max(0, elapsedMs) / timeConstantMs)
}

export const mixed = (old: number, fresh: number, weight: number): number => old + weight * (fresh - old)
