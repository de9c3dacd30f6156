import type { Rule, Usage } from './usage.ts'

/** So much of a token may be missing: sums of fractions do not come out even. It is not given away, the next one is later. */
const rounding = 1e-6

/**
 * A token bucket that holds `limit` tokens and gets them back evenly, one each `windowMs / limit`. At most
 * `limit * (1 + span / windowMs)` requests pass in any span of time: `limit` at once, then one by one.
 *
 * Kept as the generic cell rate algorithm does (ITU-T I.371, annex A): how far the requests that passed are ahead of the rate, in
 * milliseconds; nothing has to be filled up by a timer. The instant and the lead stand apart, since the sum would lose digits.
 */
export class TokenBucket implements Usage {
  #at = 0
  #aheadMs = 0

  room({ limit, windowMs }: Rule, now: number): number {
    return Math.floor(limit - (this.#ahead(now) * limit) / windowMs + rounding)
  }

  take({ limit, windowMs }: Rule, now: number): void {
    // Never below empty: what passed without asking is not paid for longer than a window.
    this.#aheadMs = Math.min(windowMs, this.#ahead(now) + windowMs / limit)
    this.#at = now
  }

  waitMs({ limit, windowMs }: Rule, now: number): number {
    return Math.max(0, this.#ahead(now) - windowMs + windowMs / limit)
  }

  resetMs(_rule: Rule, now: number): number {
    return this.#ahead(now)
  }

  isOver(_rule: Rule, now: number): boolean {
    return this.#ahead(now) === 0
  }

  #ahead(now: number): number {
    return Math.max(0, this.#aheadMs - (now - this.#at))
  }
}
