import type { Random } from '../../src/time/random.ts'

/** Draws a duration in milliseconds. */
export type Draw = () => number

/** A Poisson process has gaps like these. */
export const exponential = (meanMs: number, random: Random): Draw => {
  return () => -meanMs * Math.log(1 - random())
}

/** Never below 0: what would be is drawn again. Box and Muller's way. */
export const normal = (meanMs: number, deviationMs: number, random: Random): Draw => {
  return () => {
    for (;;) {
      const radius = Math.sqrt(-2 * Math.log(1 - random()))
      const value = meanMs + deviationMs * radius * Math.cos(2 * Math.PI * random())
      if (value >= 0) return value
    }
  }
}

export const constant = (ms: number): Draw => {
  return () => ms
}
