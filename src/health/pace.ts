import type { Random } from '../time/random.ts'

/** Milliseconds. */
export interface Pace {
  readonly interval: number
  /** In place of `interval` while nobody uses a target that is well. */
  readonly idleInterval?: number
}

/** What the time until the next check goes by. */
export interface Moment {
  /** The check before was the first of all. */
  readonly first: boolean
  /** The latest results speak against the status. */
  readonly inTransition: boolean
  readonly idle: boolean
}

/** The first checks come within this time, since a target that is not checked yet may have to wait for its traffic. */
const firstWithinMs = 25

const shortestFastMs = 100

/** When the first check is due: nearly at once, yet not all in one turn. */
export const firstDelayMs = ({ interval }: Pace, random: Random): number => random() * Math.min(interval, firstWithinMs)

/**
 * The time from one check to the next. A quarter of the interval while the results are about to turn the status; else the
 * interval, give or take a tenth, so that the checks of many targets and gateways do not fall together. The second check comes
 * at any moment of the interval: the first ones stood close together, and are spread by this.
 */
export function intervalMs(pace: Pace, { first, inTransition, idle }: Moment, random: Random): number {
  if (inTransition) return Math.min(pace.interval, Math.max(shortestFastMs, pace.interval / 4))
  if (first) return random() * pace.interval
  const base = idle ? (pace.idleInterval ?? pace.interval) : pace.interval
  return base * (0.9 + 0.2 * random())
}
