const buckets = 10

/** Calls of the last while with how many of them failed or were slow: a ring of buckets, cleared as time goes on. */
export class CallWindow {
  readonly #bucketMs: number
  readonly #calls = new Float64Array(buckets)
  readonly #failures = new Float64Array(buckets)
  readonly #slow = new Float64Array(buckets)
  #newest = 0
  calls = 0
  failures = 0
  slow = 0

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / buckets
  }

  add(failed: boolean, slow: boolean, now: number): void {
    this.#advance(now)
    const index = this.#newest % buckets
    // The index is within the ring.
    this.#calls[index]! += 1
    this.calls++
    if (failed) {
      this.#failures[index]! += 1
      this.failures++
    }
    if (slow) {
      this.#slow[index]! += 1
      this.slow++
    }
  }

  clear(): void {
    this.#calls.fill(0)
    this.#failures.fill(0)
    this.#slow.fill(0)
    this.calls = 0
    this.failures = 0
    this.slow = 0
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    for (let step = Math.min(bucket - this.#newest, buckets); step > 0; step--) {
      const index = (bucket - step + 1) % buckets
      this.calls -= this.#calls[index]!
      this.failures -= this.#failures[index]!
      this.slow -= this.#slow[index]!
      this.#calls[index] = 0
      this.#failures[index] = 0
      this.#slow[index] = 0
    }
    this.#newest = Math.max(this.#newest, bucket)
  }
}
