import type { Random } from '../time/random.ts'

/** Answers, call by call, when the next request is meant to start, in milliseconds from the beginning. Never goes back. */
export type Schedule = () => number

/** Requests at even distances, the first at once. The rate is requests a second, above 0. */
export function constantRate(aSecond: number): Schedule {
  let count = 0
  // Multiplied and not added up, or a long run would drift by what each addition rounds away.
  return () => (count++ * 1000) / aSecond
}

/**
 * Requests that know nothing of each other, as those of many independent users: the distances between them are exponentially
 * distributed. The rate is the mean number of requests a second, above 0.
 */
export function poissonRate(aSecond: number, random: Random): Schedule {
  let at = 0
  return () => {
    // 1 - random() is above 0 and at most 1, so the logarithm is finite.
    at -= (Math.log(1 - random()) * 1000) / aSecond
    return at
  }
}
