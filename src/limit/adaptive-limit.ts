/** How many may be under way at once, found by looking at answer times. */
export interface ConcurrencyLimit {
  readonly limit: number
  /** An answer that began after `latencyMs`, while `inFlight` were under way. */
  answered(latencyMs: number, failed: boolean, inFlight: number, now: number): void
}

export const fixedLimit = (limit: number): ConcurrencyLimit => ({ limit, answered() {} })

const sampleMs = 100
const leastSamples = 10
/** Answer times vary by themselves: up to so many times the best is no sign of a queue. */
const tolerance = 1.5
/** The best time is forgotten slowly, so that a service that has become slower for good is not throttled for ever. */
const baselineWindowMs = 30_000
const most = 10_000

/**
 * The gradient algorithm of Netflix's concurrency-limits and Envoy's adaptive concurrency: the limit follows the ratio of the
 * best answer time lately to the present one, plus the square root of itself as room to grow. The best is what was seen, not
 * what is found by pinning the limit to a few, which refuses requests without need.
 */
export class AdaptiveLimit implements ConcurrencyLimit {
  readonly #least: number
  #limit: number
  #samples: number[] = []
  #busiest = 0
  #failures = 0
  #since = 0
  readonly #baseline: { at: number; ms: number }[] = []

  /** `least` is never gone below; it is where it starts to grow from, eightfold. */
  constructor(least: number) {
    this.#least = least
    this.#limit = 8 * least
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  answered(latencyMs: number, failed: boolean, inFlight: number, now: number): void {
    if (failed) this.#failures++
    else this.#samples.push(latencyMs)
    this.#busiest = Math.max(this.#busiest, inFlight)
    if (now - this.#since < sampleMs || this.#samples.length + this.#failures < leastSamples) return
    this.#adjust(now)
    this.#samples = []
    this.#busiest = 0
    this.#failures = 0
    this.#since = now
  }

  #adjust(now: number): void {
    if (this.#failures > this.#samples.length) {
      this.#limit = Math.max(this.#least, this.#limit * 0.9)
      return
    }
    const present = this.#samples.sort((one, other) => one - other)[this.#samples.length >> 1] ?? 0
    const best = this.#best(present, now)
    // Of answers that take no time that can be measured none is late.
    const gradient = present <= tolerance * best ? 1 : Math.max(0.5, (tolerance * best) / present)
    const wanted = gradient * this.#limit + Math.sqrt(this.#limit)
    // A limit that nobody reaches says nothing about how high it may be.
    if (gradient === 1 && this.#busiest < this.#limit / 2) return
    this.#limit = Math.min(most, Math.max(this.#least, 0.8 * this.#limit + 0.2 * wanted))
  }

  /** The least median of the window: a list in which every entry is below all that come after it. */
  #best(ms: number, now: number): number {
    while (this.#baseline.length > 0 && (this.#baseline.at(-1)?.ms ?? 0) >= ms) this.#baseline.pop()
    this.#baseline.push({ at: now, ms })
    while ((this.#baseline[0]?.at ?? now) < now - baselineWindowMs) this.#baseline.shift()
    return this.#baseline[0]?.ms ?? ms
  }
}
