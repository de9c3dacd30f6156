import type { Budget } from '../model/group.ts'
import { WindowCount } from './window-count.ts'

const windowMs = 10_000
const bucketMs = 500
/** So that a group with little traffic may retry at all. */
const alwaysAllowed = 30

/**
 * Bounds what retries add to a group's load: in any 10 s, 30 and the given share of the requests of these 10 s. When everything
 * fails, attempts stay near 1 + share for each request, however many are allowed to one.
 */
export class RetryBudget implements Budget {
  readonly #share: number
  /** A count is up to a bucket too long: that of the requests may not be, or old ones would buy retries. */
  readonly #requests = new WindowCount(windowMs - bucketMs, windowMs / bucketMs - 1)
  readonly #retries = new WindowCount(windowMs, windowMs / bucketMs)

  constructor(share: number) {
    this.#share = share
  }

  request(now: number): void {
    this.#requests.add(now)
  }

  admits(now: number): boolean {
    return this.#retries.sum(now) + 1 <= alwaysAllowed + this.#share * this.#requests.sum(now)
  }

  spend(now: number): void {
    this.#retries.add(now)
  }
}
