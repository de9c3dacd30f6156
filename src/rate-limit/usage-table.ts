import type { LimitAlgorithm, RateLimit } from '../model/rate-limit.ts'
import { Concurrency } from './concurrency.ts'
import { FixedWindow } from './fixed-window.ts'
import { SharedCounters } from './shared-counters.ts'
import { SlidingWindow } from './sliding-window.ts'
import { TokenBucket } from './token-bucket.ts'
import type { Rule, Usage } from './usage.ts'

/** How many keys are looked at for one that is over, when a new key comes. */
const looks = 2
const looksWhenFull = 16

function emptyUsage(algorithm: LimitAlgorithm): Usage {
  switch (algorithm) {
    case 'sliding':
      return new SlidingWindow()
    case 'fixed':
      return new FixedWindow()
    case 'token':
      return new TokenBucket()
    case 'concurrency':
      return new Concurrency()
  }
}

/**
 * What every key has used within one window, in this process; how much of it is too much does not matter here.
 *
 * A table of at most `capacity` keys, of which only those go that have nothing in use any more: a flood of new keys makes nobody
 * forgotten. While it is full, new keys share counters (SharedCounters), which never let more pass than the limit. Requests that
 * are under way bound the table for `concurrency` by themselves.
 */
export class UsageTable {
  readonly #algorithm: LimitAlgorithm
  /** Of which the window alone says whether something is over. */
  readonly #rule: Rule
  readonly #capacity: number
  readonly #secret: string
  readonly #usages = new Map<string, Usage>()
  #hand: Iterator<[string, Usage]> | undefined
  #shared: SharedCounters | undefined

  /** `secret` places keys where no client can foresee it. */
  constructor({ algorithm, limit, windowMs }: RateLimit, capacity: number, secret: string) {
    this.#algorithm = algorithm
    this.#rule = { limit, windowMs }
    this.#capacity = algorithm === 'concurrency' ? Number.POSITIVE_INFINITY : capacity
    this.#secret = secret
  }

  /** Keys with a place of their own. */
  get size(): number {
    return this.#usages.size
  }

  /** What a key has used so far. */
  usageOf(key: string, now: number): Usage {
    return this.#usages.get(key) ?? this.#newUsage(key, now)
  }

  /** A request that was taken is over; only for `concurrency`. */
  release(key: string): void {
    const usage = this.#usages.get(key)
    if (!(usage instanceof Concurrency)) return
    usage.release()
    if (usage.isOver()) this.#usages.delete(key)
  }

  #newUsage(key: string, now: number): Usage {
    this.#forget(this.#usages.size < this.#capacity ? looks : looksWhenFull, now)
    const shared = this.#sharedUsage(key, now)
    if (shared !== undefined) return shared
    const usage = emptyUsage(this.#algorithm)
    this.#usages.set(key, usage)
    return usage
  }

  /** Where a key is counted that has no place of its own, or had none a moment ago. */
  #sharedUsage(key: string, now: number): Usage | undefined {
    const isFull = this.#usages.size >= this.#capacity
    if (this.#shared?.isOver(this.#rule, now)) this.#shared = undefined
    if (this.#shared === undefined && !isFull) return undefined
    this.#shared ??= new SharedCounters(this.#secret, now)
    const usage = this.#shared.usage(key)
    return isFull || !usage.isOver(this.#rule, now) ? usage : undefined
  }

  /** Goes round the table, a few keys at a time, and forgets those that have nothing in use. */
  #forget(count: number, now: number): void {
    if (this.#capacity === Number.POSITIVE_INFINITY) return
    for (let looked = 0; looked < count; looked++) {
      this.#hand ??= this.#usages.entries()
      const next = this.#hand.next()
      if (next.done) {
        this.#hand = undefined
        return
      }
      const [key, usage] = next.value
      if (usage.isOver(this.#rule, now)) this.#usages.delete(key)
    }
  }
}
