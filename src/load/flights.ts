import type { LoadOutcome } from './outcome.ts'
import type { Tally } from './tally.ts'

/**
 * Sends one request. `done` is called once with what became of it, possibly before this returns, unless the function that is
 * returned is called first: that gives the request up.
 */
export type Send = (done: (outcome: LoadOutcome) => void) => () => void

/** Where a load takes the time from. `later` answers a function that cancels. */
export type Timing = { readonly now: () => number; readonly later: (ms: number, run: () => void) => () => void }

type Flight = { readonly intendedAt: number; giveUp: () => void }

/** The requests that are under way, in the order of their intended starts. Ends those that take longer than the timeout. */
export class Flights {
  readonly #send: Send
  readonly #tally: Tally
  readonly #now: () => number
  readonly #timeoutMs: number
  readonly #open = new Set<Flight>()

  constructor(send: Send, tally: Tally, now: () => number, timeoutMs: number) {
    this.#send = send
    this.#tally = tally
    this.#now = now
    this.#timeoutMs = timeoutMs
  }

  get size(): number {
    return this.#open.size
  }

  /** Sends a request that was meant to start at this instant; `landed` is called when it has been counted. */
  launch(intendedAt: number, landed: (outcome: LoadOutcome) => void): void {
    const flight: Flight = { intendedAt, giveUp: () => {} }
    this.#open.add(flight)
    this.#tally.sent()
    const finish = (outcome: LoadOutcome): void => {
      if (!this.#open.delete(flight)) return
      this.#tally.finished(outcome, this.#now() - intendedAt)
      landed(outcome)
    }
    const cancel = this.#send(finish)
    flight.giveUp = () => {
      cancel()
      finish({ kind: 'failure', failure: 'timeout', reason: `no answer within ${this.#timeoutMs} ms` })
    }
  }

  /** Ends what has been under way for too long. */
  expire(now: number): void {
    for (const flight of this.#open) {
      if (now - flight.intendedAt < this.#timeoutMs) return
      flight.giveUp()
    }
  }
}
