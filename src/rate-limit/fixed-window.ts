import type { Rule, Usage } from './usage.ts'

/**
 * A fixed window: it begins with the first request after the one before has ended, so that not everybody's ends at once. At most
 * `limit` requests pass in each, and so up to twice as many in a span of `windowMs` across two of them.
 */
export class FixedWindow implements Usage {
  #endsAt = Number.NEGATIVE_INFINITY
  #count = 0

  room({ limit }: Rule, now: number): number {
    return now >= this.#endsAt ? limit : limit - this.#count
  }

  take({ windowMs }: Rule, now: number): void {
    if (now >= this.#endsAt) {
      this.#endsAt = now + windowMs
      this.#count = 0
    }
    this.#count++
  }

  waitMs(_rule: Rule, now: number): number {
    return Math.max(0, this.#endsAt - now)
  }

  resetMs(_rule: Rule, now: number): number {
    return Math.max(0, this.#endsAt - now)
  }

  isOver(_rule: Rule, now: number): boolean {
    return now >= this.#endsAt
  }
}
