/**
 * Milliseconds that a Retry-After field asks for (RFC 9110 section 10.2.3): seconds, or a date relative to `wallClockMs`.
 * Undefined for anything else; never negative.
 */
export function retryAfterMs(field: string | undefined, wallClockMs: number): number | undefined {
  if (field === undefined) return undefined
  if (/^\d{1,9}$/.test(field)) return Number(field) * 1000
  const date = Date.parse(field)
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallClockMs)
}
