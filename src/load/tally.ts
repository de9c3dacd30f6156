import { Histogram } from './histogram.ts'
import type { LoadFailure, LoadOutcome } from './outcome.ts'

/** Answers by the first digit of their status. */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'other'

/** What a load came to. Latencies are milliseconds from the intended start; those of answers and of timeouts count. */
export type LoadResult = {
  readonly seconds: number
  readonly sent: number
  readonly answered: number
  /** Answers a second, whatever their status. */
  readonly achievedRate: number
  readonly latencyMs: Readonly<Record<'min' | 'mean' | 'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>
  readonly statuses: Readonly<Partial<Record<StatusClass, number>>>
  readonly errors: Readonly<Partial<Record<LoadFailure, number>>>
  /** One reason of each kind of error, the first that was seen. */
  readonly reasons: Readonly<Partial<Record<LoadFailure, string>>>
  /** Requests that were still under way when the load was interrupted. */
  readonly unfinished: number
  /** Whether something was answered and every answer was 2xx or 3xx. */
  readonly good: boolean
}

function classOf(status: number): StatusClass {
  switch (Math.floor(status / 100)) {
    case 1:
      return '1xx'
    case 2:
      return '2xx'
    case 3:
      return '3xx'
    case 4:
      return '4xx'
    case 5:
      return '5xx'
    default:
      return 'other'
  }
}

/** Counts what becomes of requests. */
export class Tally {
  readonly #latency = new Histogram()
  readonly #statuses: Partial<Record<StatusClass, number>> = {}
  readonly #errors: Partial<Record<LoadFailure, number>> = {}
  readonly #reasons: Partial<Record<LoadFailure, string>> = {}
  #sent = 0
  #answered = 0
  #finished = 0

  sent(): void {
    this.#sent++
  }

  /** A request has come to its end, so many milliseconds after it was meant to start. */
  finished(outcome: LoadOutcome, latencyMs: number): void {
    this.#finished++
    if (outcome.kind === 'answer') {
      this.#answered++
      this.#latency.record(latencyMs)
      const status = classOf(outcome.status)
      this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
      return
    }
    // Left out, the slowest of all would be missing from the percentiles.
    if (outcome.failure === 'timeout') this.#latency.record(latencyMs)
    this.#errors[outcome.failure] = (this.#errors[outcome.failure] ?? 0) + 1
    this.#reasons[outcome.failure] ??= outcome.reason
  }

  /** Everything so far, for a load that has run for so many milliseconds. */
  result(elapsedMs: number): LoadResult {
    const latency = this.#latency
    const accepted = (this.#statuses['2xx'] ?? 0) + (this.#statuses['3xx'] ?? 0)
    return {
      seconds: elapsedMs / 1000,
      sent: this.#sent,
      answered: this.#answered,
      achievedRate: elapsedMs > 0 ? (this.#answered * 1000) / elapsedMs : 0,
      latencyMs: {
        min: latency.minMs,
        mean: latency.meanMs,
        p50: latency.percentileMs(0.5),
        p90: latency.percentileMs(0.9),
        p99: latency.percentileMs(0.99),
        p999: latency.percentileMs(0.999),
        max: latency.maxMs
      },
      statuses: { ...this.#statuses },
      errors: { ...this.#errors },
      reasons: { ...this.#reasons },
      unfinished: this.#sent - this.#finished,
      good: accepted > 0 && accepted === this.#finished
    }
  }
}
