const kept = 256

/** The latest answers' times, for percentiles that an operator looks at. Milliseconds. */
export class LatencyWindow {
  readonly #values = new Float64Array(kept)
  #count = 0

  add(latencyMs: number): void {
    this.#values[this.#count++ % kept] = latencyMs
  }

  /** p50, p95 and p99 of the last 256; null where nothing was measured. */
  percentiles(): { p50: number | null; p95: number | null; p99: number | null } {
    const sorted = this.#values.slice(0, Math.min(this.#count, kept)).sort()
    // Tenths of a millisecond are as exact as a reader wants.
    const at = (share: number) =>
      sorted.length === 0 ? null : Math.round(sorted[Math.ceil(share * sorted.length) - 1]! * 10) / 10
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
  }
}
