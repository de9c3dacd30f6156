import type { X509Certificate } from 'node:crypto'
import type { Random } from '../time/random.ts'

const minuteMs = 60_000

/** The shortest pause after a failure, what it is multiplied with each time, and the longest. In milliseconds. */
const pauses = { firstMs: minuteMs, factor: 3, longestMs: 6 * 60 * minuteMs }
/** An authority that asks for more is asked again after this. */
const mostPatienceMs = 7 * 24 * 60 * minuteMs

/**
 * When to renew, in milliseconds since 1970: when a third of the lifetime is left, or up to a thirtieth of it sooner, so that
 * gateways that began together do not all come at once. (The third is what Let's Encrypt advises.)
 */
export function renewAt({ validFromDate, validToDate }: X509Certificate, random: Random): number {
  const from = validFromDate.getTime()
  const to = validToDate.getTime()
  return to - (to - from) * (1 / 3 + random() / 30)
}

/**
 * Milliseconds until the next try after `failures` in a row (1 is the first): three times as long each time, up to half as much
 * again by chance, and what the authority asks for where that is more. In an hour that makes five tries at most: as many failed
 * validations as Let's Encrypt accepts.
 */
export function pauseMs(failures: number, random: Random, retryAfterMs = 0): number {
  const own = Math.min(pauses.longestMs, pauses.firstMs * pauses.factor ** (failures - 1)) * (1 + random() / 2)
  return Math.max(own, Math.min(retryAfterMs, mostPatienceMs))
}

/** A pause that was written down by a clock that was wrong is not waited for. */
export const isPausing = (retryAt: number, now: number) => retryAt > now && retryAt - now <= 1.1 * mostPatienceMs
