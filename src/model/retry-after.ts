/** An HTTP date begins with the day (RFC 9110 section 5.6.7); `Date.parse` alone takes almost anything for one. */
const beginsWithDay = /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? /

/**
 * Milliseconds that a Retry-After field asks for (RFC 9110 section 10.2.3): seconds, or a date relative to `wallClockMs`.
 * Undefined for anything else; never negative.
 */
export function retryAfterMs(field: string | undefined, wallClockMs: number): number | undefined {
  if (field === undefined) return undefined
  if (/^\d{1,9}$/.test(field)) return Number(field) * 1000
  if (!beginsWithDay.test(field)) return undefined
  // The asctime form names no zone and means UTC.
  const date = Date.parse(field.endsWith(' GMT') ? field : `${field} GMT`)
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallClockMs)
}
