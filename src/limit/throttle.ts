import type { Attempt } from '../model/attempt.ts'
import type { Random } from '../time/random.ts'

/** So many requests are sent for each that is accepted, however much the targets refuse: by these it shows when they no longer do. */
const sentForEachAccepted = 2
const windowMs = 10_000
/** Fewer requests than these tell nothing of the targets. */
const leastRequests = 100
/** Envoy's cap: what goes on is enough to see soon that the targets have recovered. */
const mostRefused = 0.8

/** What targets answer when they have too much to do. */
const refusals: ReadonlySet<number> = new Set([429, 503])

/**
 * Adaptive throttling (Beyer et al., Site Reliability Engineering, 2016, chapter 21): when targets refuse more than they accept,
 * a part of the requests is refused here, so that refusing does not become all that they do. The probability is
 * (requests - 2 x accepted) / (requests + 1), where requests are those of the last while, the ones that were refused here included.
 */
export class Throttle {
  readonly #random: Random
  #older = { requests: 0, accepted: 0 }
  #newer = { requests: 0, accepted: 0 }
  #since = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Whether one more request is refused now; it is counted either way. */
  refuses(now: number): boolean {
    this.#turn(now)
    const requests = this.#older.requests + this.#newer.requests
    const accepted = this.#older.accepted + this.#newer.accepted
    this.#newer.requests++
    if (requests < leastRequests) return false
    return this.#random() < Math.min(mostRefused, (requests - sentForEachAccepted * accepted) / (requests + 1))
  }

  judged({ outcome }: Attempt, now: number): void {
    this.#turn(now)
    // What failed otherwise is for the breaker: nobody has refused it.
    if (outcome?.kind !== 'response' || !refusals.has(outcome.status)) this.#newer.accepted++
  }

  #turn(now: number): void {
    const passed = now - this.#since
    if (passed < windowMs / 2) return
    this.#older = passed < windowMs ? this.#newer : { requests: 0, accepted: 0 }
    this.#newer = { requests: 0, accepted: 0 }
    this.#since = now
  }
}
