import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import { LatencyDigest } from '../model/latency-digest.ts'

const windowMs = 10_000
/** Fewer answers than these tell nothing. */
const leastAnswers = 20
/** The median is looked up again after this long. */
const freshMs = 100

/** How fast a group answers at present. */
export class Pace implements AttemptObserver {
  readonly #digest = new LatencyDigest(windowMs)
  #typicalMs = 0
  #lookedUpAt = Number.NEGATIVE_INFINITY

  /** The median of the latest answers, in milliseconds; 0 where too little is known. */
  typicalMs(now: number): number {
    if (now - this.#lookedUpAt >= freshMs) {
      this.#lookedUpAt = now
      this.#typicalMs = this.#digest.count(now) < leastAnswers ? 0 : (this.#digest.quantile(0.5, now) ?? 0)
    }
    return this.#typicalMs
  }

  judged({ startedAt, answeredAt = startedAt, outcome }: Attempt, _verdict: unknown, now: number): void {
    if (outcome?.kind === 'response' && outcome.status < 500) this.#digest.add(answeredAt - startedAt, now)
  }
}
