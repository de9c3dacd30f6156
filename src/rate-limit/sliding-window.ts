import type { Rule, Usage } from './usage.ts'

/** A cell holds what came within this part of the window. */
export const cellsInWindow = 32

/**
 * A sliding window: a log of requests in which neighbours share a cell.
 *
 * In no span of `windowMs` more than `limit` requests pass, wherever it begins. A place comes back when the last request of its
 * cell has left the window: exactly `windowMs` after a request that came alone, and at most `windowMs / 32` later for one that had
 * neighbours. It takes 34 cells at most, whatever the limit. The two weighted counters that others use for the same (Cloudflare,
 * "Counting things, a lot of different things", 2017) take for granted that requests come evenly, and let up to twice the limit
 * pass where they do not; a log of every request (Redis in Action, chapter 6) is exact and takes `limit` numbers for each key.
 */
export class SlidingWindow implements Usage {
  /** The newest cell: when it began, its last request, how many. */
  #startedAt = 0
  #lastAt = 0
  #count = 0
  /** Of older cells, the oldest first, from `#from` on: the last request, how many. */
  #older: number[] | undefined
  #from = 0
  /** In all cells. */
  #sum = 0

  room({ limit, windowMs }: Rule, now: number): number {
    this.#drop(windowMs, now)
    return limit - this.#sum
  }

  take({ windowMs }: Rule, now: number): void {
    if (this.#count > 0 && now - this.#startedAt < windowMs / cellsInWindow) this.#count++
    else this.#begin(now)
    this.#lastAt = now
    this.#sum++
  }

  #begin(now: number): void {
    if (this.#count > 0) {
      this.#older ??= []
      this.#older.push(this.#lastAt, this.#count)
    }
    this.#startedAt = now
    this.#count = 1
  }

  waitMs({ limit, windowMs }: Rule, now: number): number {
    let left = this.#sum
    const older = this.#older ?? []
    for (let index = this.#from; index < older.length; index += 2) {
      // Both are there: cells are pairs.
      left -= older[index + 1]!
      if (left < limit) return Math.max(0, older[index]! + windowMs - now)
    }
    return Math.max(0, this.#lastAt + windowMs - now)
  }

  resetMs({ windowMs }: Rule, now: number): number {
    return this.#sum === 0 ? 0 : Math.max(0, this.#lastAt + windowMs - now)
  }

  isOver({ windowMs }: Rule, now: number): boolean {
    return this.#sum === 0 || this.#lastAt + windowMs <= now
  }

  /** Forgets the cells that have left the window. The sum is formed as in `waitMs`, or the two could differ in the last digit. */
  #drop(windowMs: number, now: number): void {
    if (this.#older !== undefined) this.#dropOlder(this.#older, windowMs, now)
    if (this.#older !== undefined || this.#lastAt + windowMs > now) return
    this.#count = 0
    this.#sum = 0
  }

  #dropOlder(older: number[], windowMs: number, now: number): void {
    // As above.
    while (this.#from < older.length && older[this.#from]! + windowMs <= now) {
      this.#sum -= older[this.#from + 1]!
      this.#from += 2
    }
    if (this.#from === older.length) this.#older = undefined
    else if (this.#from > 2 * cellsInWindow) older.splice(0, this.#from)
    else return
    this.#from = 0
  }
}
