import { createHash } from 'node:crypto'
import type { Rule, Usage } from './usage.ts'

const rows = 4
const width = 16_384

/**
 * Counters for any number of keys in 512 KiB: a count-min sketch (Cormode and Muthukrishnan, 2005) with conservative update (Estan
 * and Varghese, 2002), one for this window and one for the last. A key is never counted as less than it was, so that nobody gets
 * more than `limit` in a span of `windowMs`; it may be counted as more, when all four of its counters are shared with others, and
 * for up to two windows. Which counters a key has depends on a secret: nobody can look for those of another.
 */
export class SharedCounters {
  #current = new Uint32Array(rows * width)
  #last = new Uint32Array(rows * width)
  #startedAt: number
  readonly #secret: string

  constructor(secret: string, now: number) {
    this.#secret = secret
    this.#startedAt = now
  }

  /** What this key has used. */
  usage(key: string): Usage {
    return new SharedUsage(this, this.#places(key))
  }

  /** Whether nothing stands in it any more. */
  isOver(rule: Rule, now: number): boolean {
    return now - this.#startedAt >= 2 * rule.windowMs
  }

  /** How often a key was counted in this window, and in the one before. */
  counts(places: Uint32Array, rule: Rule, now: number): readonly [current: number, last: number] {
    this.#turn(rule.windowMs, now)
    return [least(this.#current, places), least(this.#last, places)]
  }

  add(places: Uint32Array, rule: Rule, now: number): void {
    this.#turn(rule.windowMs, now)
    const count = least(this.#current, places) + 1
    for (const place of places) this.#current[place] = Math.max(this.#current[place] ?? 0, count)
  }

  /** Milliseconds until the window that is counted now is the last one. */
  turnMs({ windowMs }: Rule, now: number): number {
    return Math.max(0, this.#startedAt + windowMs - now)
  }

  #turn(windowMs: number, now: number): void {
    const elapsedMs = now - this.#startedAt
    if (elapsedMs < windowMs) return
    const emptied = this.#last
    this.#last = this.#current
    this.#current = emptied.fill(0)
    if (elapsedMs >= 2 * windowMs) this.#last.fill(0)
    this.#startedAt = elapsedMs >= 2 * windowMs ? now : this.#startedAt + windowMs
  }

  #places(key: string): Uint32Array {
    const digest = createHash('sha256').update(this.#secret).update(key).digest()
    return Uint32Array.from({ length: rows }, (_, row) => row * width + (digest.readUInt32LE(4 * row) % width))
  }
}

const least = (counters: Uint32Array, places: Uint32Array) =>
  places.reduce((smallest, place) => Math.min(smallest, counters[place] ?? 0), Number.POSITIVE_INFINITY)

class SharedUsage implements Usage {
  readonly #counters: SharedCounters
  readonly #places: Uint32Array

  constructor(counters: SharedCounters, places: Uint32Array) {
    this.#counters = counters
    this.#places = places
  }

  room(rule: Rule, now: number): number {
    const [current, last] = this.#counters.counts(this.#places, rule, now)
    return rule.limit - current - last
  }

  take(rule: Rule, now: number): void {
    this.#counters.add(this.#places, rule, now)
  }

  waitMs(rule: Rule, now: number): number {
    const [current] = this.#counters.counts(this.#places, rule, now)
    return this.#counters.turnMs(rule, now) + (current < rule.limit ? 0 : rule.windowMs)
  }

  resetMs(rule: Rule, now: number): number {
    const [current, last] = this.#counters.counts(this.#places, rule, now)
    if (current + last === 0) return 0
    return this.#counters.turnMs(rule, now) + (current === 0 ? 0 : rule.windowMs)
  }

  isOver(rule: Rule, now: number): boolean {
    const [current, last] = this.#counters.counts(this.#places, rule, now)
    return current + last === 0
  }
}
