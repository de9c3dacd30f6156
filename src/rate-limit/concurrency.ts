import type { Rule, Usage } from './usage.ts'

/** Nobody knows when a request ends; a client is told to try again in a second. */
const retryMs = 1000

/** Requests that are under way. */
export class Concurrency implements Usage {
  #count = 0

  room({ limit }: Rule): number {
    return limit - this.#count
  }

  take(): void {
    this.#count++
  }

  /** A request that was taken is over. */
  release(): void {
    this.#count--
  }

  waitMs(): number {
    return retryMs
  }

  resetMs(): number {
    return 0
  }

  isOver(): boolean {
    return this.#count === 0
  }
}
