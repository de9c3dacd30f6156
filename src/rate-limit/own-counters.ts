import type { OwnLimit } from '../model/consumer.ts'
import type { RateLimit } from '../model/rate-limit.ts'
import type { Clock } from '../time/clock.ts'
import { LocalCounter } from './local-counter.ts'
import type { UsageTable } from './usage-table.ts'

/** So many limits of one window are kept; they hold nothing that could not be made again. */
const mostCounters = 1024
/** How many windows are looked at for one that nobody uses any more, when a new one comes. */
const looks = 2

/** What is counted within one window. */
export interface CountedWindow {
  /** As LocalCounter has it. */
  readonly id: string
  readonly table: UsageTable
}

interface OwnWindow extends CountedWindow {
  /** By their number. */
  readonly counters: Map<number, LocalCounter>
  askedAt: number
}

/** One limit as it is for a consumer that has a limit of its own. */
export const ownForm = (limit: RateLimit, { limit: number, windowMs }: OwnLimit): RateLimit => ({
  ...limit,
  limit: number,
  windowMs
})

/**
 * The counters of one limit for consumers that have limits of their own: a table for each window that is met, since what was counted
 * within one window says nothing about another; limits that differ in their number share it, so that who gets another number does
 * not begin anew. A window that is new looks at two old ones, and tables go in which nothing counts any more: so there are about as
 * many as there are windows in use.
 */
export class OwnCounters {
  readonly #limit: RateLimit
  readonly #open: (limit: RateLimit) => CountedWindow
  readonly #clock: Clock
  /** The one of the limit itself, which stays. */
  readonly #usual: OwnWindow
  /** The one that was looked at last stands last. */
  readonly #windows = new Map<number, OwnWindow>()

  /** `usual` is what the limit itself is counted in, `open` makes the same for another window. */
  constructor(limit: RateLimit, usual: CountedWindow, open: (limit: RateLimit) => CountedWindow, clock: Clock) {
    this.#limit = limit
    this.#open = open
    this.#clock = clock
    this.#usual = { ...usual, counters: new Map(), askedAt: 0 }
  }

  /** Windows with a table of their own, beside the one of the limit itself. */
  get size(): number {
    return this.#windows.size
  }

  counterOf(own: OwnLimit): LocalCounter {
    const { counters, id, table } = this.#windowOf(own)
    const known = counters.get(own.limit)
    if (known !== undefined) return known
    if (counters.size >= mostCounters) counters.clear()
    const counter = new LocalCounter(ownForm(this.#limit, own), id, table)
    counters.set(own.limit, counter)
    return counter
  }

  #windowOf(own: OwnLimit): OwnWindow {
    if (own.windowMs === this.#limit.windowMs) return this.#usual
    const now = this.#clock()
    const known = this.#windows.get(own.windowMs)
    if (known !== undefined) {
      known.askedAt = now
      return known
    }
    this.#forget(now)
    const window = { ...this.#open(ownForm(this.#limit, own)), counters: new Map(), askedAt: now }
    this.#windows.set(own.windowMs, window)
    return window
  }

  /** Nothing counts any more two windows after the last question: shared counters take that long. */
  #forget(now: number): void {
    for (let looked = 0; looked < looks; looked++) {
      const [oldest] = this.#windows
      if (oldest === undefined) return
      const [windowMs, window] = oldest
      this.#windows.delete(windowMs)
      if (now < window.askedAt + 2 * windowMs) this.#windows.set(windowMs, window)
    }
  }
}
