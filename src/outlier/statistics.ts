/** One target's part in a group's traffic. */
export interface Share {
  readonly attempts: number
  readonly failures: number
}

/**
 * How far one target's failure rate stands above that of all the others together, in standard errors of the difference: the
 * two-proportion z-test, leaving the one out. A mean and deviation over all targets cannot tell: among n values none is
 * further than the square root of n-1 deviations from their mean, which for four is 1.73.
 */
export function failureZ(one: Share, others: Share): number {
  if (one.attempts === 0 || others.attempts === 0) return 0
  const own = one.failures / one.attempts
  const their = others.failures / others.attempts
  const pooled = (one.failures + others.failures) / (one.attempts + others.attempts)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / one.attempts + 1 / others.attempts))
  return error === 0 ? 0 : (own - their) / error
}

/** The value in the middle of an ascending list; undefined for an empty one. */
export function median(ascending: readonly number[]): number | undefined {
  const middle = ascending.length >> 1
  const upper = ascending[middle]
  return ascending.length % 2 === 1 || upper === undefined ? upper : (upper + (ascending[middle - 1] ?? upper)) / 2
}
