import type { RateLimit } from '../model/rate-limit.ts'
import type { LocalCounter } from './local-counter.ts'

/** One limit that is asked about a request, and the key that the request is counted under. */
export interface Question {
  readonly counter: LocalCounter
  readonly key: string
}

/** How one limit stands after a decision. */
export interface Standing {
  readonly limit: RateLimit
  /** Requests that may still pass: 0 at least. */
  readonly remaining: number
  /** Until all that was taken is given back; 0 where nobody can say. */
  readonly resetMs: number
}

/** What all limits that were asked about a request say together. */
export interface Decision {
  readonly allowed: boolean
  /** Until it is worth another try; 0 where it is allowed. */
  readonly retryMs: number
  /** In the order of the questions. */
  readonly standings: readonly Standing[]
  /** To be called once when the request is over; absent where nobody waits for that. */
  readonly release?: () => void
}

/**
 * Where requests are counted. All limits of a request are decided together: it takes from each of them when all have room, and
 * from none when one has not.
 */
export interface Store {
  /** `settle` is called once: at once where nobody else has to be asked. */
  decide(questions: readonly Question[], settle: (decision: Decision) => void): void
  /** Ends what it has begun. */
  close(): Promise<void>
}
