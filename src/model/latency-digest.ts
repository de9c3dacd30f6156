/** Logarithmic buckets, each 5 % wider than the one before, from 0.1 ms on. */
const growth = Math.log(1.05)
const buckets = 300

/** Answer times of the last while by size, for percentiles that are near enough: within 5 %, at 50 ns an answer. */
export class LatencyDigest {
  readonly #halfMs: number
  #older = new Float64Array(buckets)
  #newer = new Float64Array(buckets)
  #olderCount = 0
  #newerCount = 0
  #since = 0

  /** At least half and at most all of `windowMs` is looked at. */
  constructor(windowMs: number) {
    this.#halfMs = windowMs / 2
  }

  add(latencyMs: number, now: number): void {
    this.#turn(now)
    const bucket = Math.ceil(Math.log(Math.max(latencyMs, 0.1) * 10) / growth)
    // The index is brought within the array.
    this.#newer[Math.min(bucket, buckets - 1)]! += 1
    this.#newerCount++
  }

  count(now: number): number {
    this.#turn(now)
    return this.#olderCount + this.#newerCount
  }

  /** Milliseconds within which this share (0..1) of the answers began; undefined where there was none. */
  quantile(share: number, now: number): number | undefined {
    const count = this.count(now)
    if (count === 0) return undefined
    let left = share * count
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= (this.#older[bucket] ?? 0) + (this.#newer[bucket] ?? 0)
      if (left <= 0) return 0.1 * Math.exp(bucket * growth)
    }
    return 0.1 * Math.exp((buckets - 1) * growth)
  }

  #turn(now: number): void {
    const passed = now - this.#since
    if (passed < this.#halfMs) return
    const spare = this.#older
    this.#older = this.#newer
    this.#olderCount = this.#newerCount
    this.#newer = spare.fill(0)
    this.#newerCount = 0
    if (passed >= 2 * this.#halfMs) {
      this.#older.fill(0)
      this.#olderCount = 0
    }
    // Halves follow each other without a gap, or an answer would be looked at for longer than the window.
    this.#since = passed >= 2 * this.#halfMs ? now : this.#since + this.#halfMs
  }
}
