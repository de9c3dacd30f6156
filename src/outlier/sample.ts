/** Of each half of the window so many answer times are kept, the latest. */
const keptLatencies = 128

class Half {
  attempts = 0
  failures = 0
  overtaken = 0
  measured = 0
  readonly latencies = new Float64Array(keptLatencies)

  kept(): Float64Array {
    return this.latencies.subarray(0, Math.min(this.measured, keptLatencies))
  }

  clear(): void {
    this.attempts = 0
    this.failures = 0
    this.overtaken = 0
    this.measured = 0
  }
}

/** What a target did in the last while: counts and answer times, in two halves of which the older is dropped as a whole. */
export class Sample {
  readonly #halfMs: number
  #since = 0
  #older = new Half()
  #newer = new Half()

  /** At least half and at most all of `windowMs` is looked at. */
  constructor(windowMs: number) {
    this.#halfMs = windowMs / 2
  }

  add(failed: boolean, now: number): void {
    this.#turn(now)
    this.#newer.attempts++
    if (failed) this.#newer.failures++
  }

  /** An attempt that a later one elsewhere has overtaken. */
  addOvertaken(now: number): void {
    this.#turn(now)
    this.#newer.overtaken++
  }

  overtaken(now: number): number {
    this.#turn(now)
    return this.#older.overtaken + this.#newer.overtaken
  }

  /** Milliseconds until an answer began, or until it was given up: then it is at least that. */
  addLatency(latencyMs: number, now: number): void {
    this.#turn(now)
    this.#newer.latencies[this.#newer.measured++ % keptLatencies] = latencyMs
  }

  attempts(now: number): number {
    this.#turn(now)
    return this.#older.attempts + this.#newer.attempts
  }

  failures(now: number): number {
    this.#turn(now)
    return this.#older.failures + this.#newer.failures
  }

  /** In ascending order. */
  latencies(now: number): readonly number[] {
    this.#turn(now)
    return [...this.#older.kept(), ...this.#newer.kept()].sort((one, other) => one - other)
  }

  clear(): void {
    this.#older.clear()
    this.#newer.clear()
  }

  #turn(now: number): void {
    const passed = now - this.#since
    if (passed < this.#halfMs) return
    const spare = this.#older
    this.#older = this.#newer
    this.#newer = spare
    spare.clear()
    if (passed >= 2 * this.#halfMs) this.#older.clear()
    this.#since = now
  }
}
