import type { RateLimit } from '../model/rate-limit.ts'
import type { Rule, Usage } from './usage.ts'
import type { UsageTable } from './usage-table.ts'

/** One limit, and what every key has used of it in this process. Limits that differ in their number alone may share a table. */
export class LocalCounter {
  readonly limit: RateLimit
  /** Names it among all limits of all gateways with this configuration. */
  readonly id: string
  readonly #rule: Rule
  #share: { readonly gateways: number; readonly rule: Rule } | undefined
  readonly #table: UsageTable

  /** The table is for the window and the algorithm of the limit. */
  constructor(limit: RateLimit, id: string, table: UsageTable) {
    this.limit = limit
    this.id = id
    this.#rule = { limit: limit.limit, windowMs: limit.windowMs }
    this.#table = table
  }

  /** The whole limit, or what is left for one of several gateways that cannot ask each other: at least 1. */
  ruleFor(gateways: number): Rule {
    if (gateways === 1) return this.#rule
    if (this.#share?.gateways !== gateways) {
      const { limit, windowMs } = this.limit
      this.#share = { gateways, rule: { limit: Math.max(1, Math.floor(limit / gateways)), windowMs } }
    }
    return this.#share.rule
  }

  /** What a key has used so far. */
  usageOf(key: string, now: number): Usage {
    return this.#table.usageOf(key, now)
  }

  /** A request that was taken is over; only for `concurrency`. */
  release(key: string): void {
    this.#table.release(key)
  }
}
