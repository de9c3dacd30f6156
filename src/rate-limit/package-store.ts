import { LocalCounter } from './local-counter.ts'
import type { Store } from './store.ts'
import { UsageTable } from './usage-table.ts'

/** A plugin that computes its limits may have so many different ones. */
const mostCounters = 256
const keysEach = 16_384

type Settled = (error: Error | null, result?: { current: number; ttl: number }) => void

/** What that package asks of a store. `timeWindow` in milliseconds. */
export interface PackageStore {
  incr(key: string, settled: Settled, timeWindow: number, max: number): void
  child(): PackageStore
}

/**
 * Our store in the form that @fastify/rate-limit takes a store: what plugins limit with that package is counted as the routes'
 * limits are, by sliding windows, in bounded memory, and at the shared store where there is one. A refused request is not counted.
 */
export function packageStore(store: Store, secret: string): new () => PackageStore {
  let children = 0
  return class Counted implements PackageStore {
    /** The same on every gateway: plugins make their limits in the order of the configuration. */
    readonly #number = children++
    readonly #counters = new Map<string, LocalCounter>()

    incr(key: string, settled: Settled, timeWindow: number, max: number): void {
      const counter = this.#counterOf(max, timeWindow)
      if (max < 1 || timeWindow <= 0) settled(null, { current: max + 1, ttl: timeWindow })
      else if (counter === undefined) settled(new Error(`more than ${mostCounters} different limits`))
      else
        store.decide([{ counter, key: String(key) }], ({ allowed, retryMs, standings }) => {
          const { remaining = 0, resetMs = 0 } = standings[0] ?? {}
          settled(null, allowed ? { current: max - remaining, ttl: resetMs } : { current: max + 1, ttl: retryMs })
        })
    }

    child(): PackageStore {
      return new Counted()
    }

    #counterOf(max: number, windowMs: number): LocalCounter | undefined {
      const name = `${max}/${windowMs}`
      const known = this.#counters.get(name)
      if (known !== undefined || this.#counters.size >= mostCounters) return known
      const limit = { name, limit: max, windowMs, algorithm: 'sliding', by: 'plugin', legacyHeaders: false } as const
      const counter = new LocalCounter(
        limit,
        `evergate:{plugins:${this.#number}}:${name}:`,
        new UsageTable(limit, keysEach, secret)
      )
      this.#counters.set(name, counter)
      return counter
    }
  }
}
