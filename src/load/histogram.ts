/** Steps in which every doubling of the recorded value is divided: a step is at most 1/64 of the values in it. */
const STEPS = 64
const STEP_BITS = 6
/** What is longer (76 hours) counts as this: 32 doublings above the exact part are what Math.clz32 can tell apart. */
const LONGEST_MICROSECONDS = STEPS * 2 ** 32 - 1
const BUCKETS = STEPS * 33

/** The bucket of a whole number of microseconds. Below 64 us every microsecond has its own bucket. */
function bucketOf(microseconds: number): number {
  if (microseconds < STEPS) return microseconds
  const doublings = 31 - Math.clz32(microseconds / STEPS)
  const step = Math.floor(microseconds / 2 ** doublings) - STEPS
  return ((doublings + 1) << STEP_BITS) + step
}

/** The middle of a bucket in microseconds: at most half a step, 0.8 %, from anything in it. */
function middleOf(bucket: number): number {
  if (bucket < STEPS) return bucket
  const width = 2 ** ((bucket >> STEP_BITS) - 1)
  return (STEPS + (bucket & (STEPS - 1)) + 0.5) * width
}

/**
 * Counts durations in logarithmic buckets, as HdrHistogram does: constant memory, and every percentile within 1 % of the
 * recorded values however many there are. Durations are milliseconds, kept to a microsecond; negative ones count as 0.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #sumMs = 0
  #minMs = Number.POSITIVE_INFINITY
  #maxMs = 0

  record(durationMs: number): void {
    const ms = Math.max(0, durationMs)
    const bucket = bucketOf(Math.min(LONGEST_MICROSECONDS, Math.round(ms * 1000)))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count++
    this.#sumMs += ms
    if (ms < this.#minMs) this.#minMs = ms
    if (ms > this.#maxMs) this.#maxMs = ms
  }

  /** How many durations were recorded. */
  get count(): number {
    return this.#count
  }

  /** The smallest, exactly; 0 when nothing was recorded. */
  get minMs(): number {
    return this.#count === 0 ? 0 : this.#minMs
  }

  /** The largest, exactly; 0 when nothing was recorded. */
  get maxMs(): number {
    return this.#maxMs
  }

  /** The arithmetic mean; 0 when nothing was recorded. */
  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count
  }

  /**
   * The duration in milliseconds that the given share (0..1) of the recorded ones does not exceed, by nearest rank.
   * 0 when nothing was recorded; the first rank and the last are exact, and no other is outside of them.
   */
  percentileMs(share: number): number {
    if (this.#count === 0) return 0
    const rank = Math.max(1, Math.ceil(share * this.#count))
    if (rank === 1) return this.#minMs
    if (rank >= this.#count) return this.#maxMs
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= rank) return Math.min(this.#maxMs, Math.max(this.#minMs, middleOf(bucket) / 1000))
    }
    return this.#maxMs
  }
}
