/**
 * Counts events of the last while: a ring of buckets, cleared as time goes on, without a timer. The oldest bucket is counted as
 * a whole, so the window is at most one bucket longer than asked for, never shorter.
 */
export class WindowCount {
  readonly #bucketMs: number
  readonly #buckets: Float64Array
  #newest = 0
  #sum = 0

  constructor(windowMs: number, buckets: number) {
    this.#bucketMs = windowMs / buckets
    this.#buckets = new Float64Array(buckets + 1)
  }

  add(now: number): void {
    this.#advance(now)
    this.#buckets[this.#newest % this.#buckets.length]! += 1
    this.#sum++
  }

  sum(now: number): number {
    this.#advance(now)
    return this.#sum
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    const steps = Math.min(bucket - this.#newest, this.#buckets.length)
    for (let i = 1; i <= steps; i++) {
      const index = (this.#newest + i) % this.#buckets.length
      this.#sum -= this.#buckets[index]!
      this.#buckets[index] = 0
    }
    // A jump of more than the whole ring has cleared it: only the position is left to take over.
    if (steps > 0) this.#newest = bucket
  }
}
