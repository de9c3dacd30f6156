import { Counters } from './counters.ts'
import { counterMetric, gaugeMetric, type Metric } from './exposition.ts'

/** What caches do, and the stores behind them. */
export class CacheMeters {
  readonly #requests = new Counters(['route', 'result'])
  readonly #bytes = new Map<string, () => number>()
  readonly #down = new Set<string>()

  /** What the cache of a route did for a request. `route` is its prefix, the result one of a bounded set. */
  request(route: string, result: string): void {
    this.#requests.add(route, result)
  }

  /** There is a store of answers that takes so many bytes. */
  store(name: string, bytes: () => number): void {
    this.#bytes.set(name, bytes)
  }

  /** A store works, or does not any more. */
  works(name: string, isUp: boolean): void {
    if (isUp) this.#down.delete(name)
    else this.#down.add(name)
  }

  /** None where there is no store. */
  metrics(): Metric[] {
    if (this.#bytes.size === 0) return []
    const ofStores = (value: (name: string, bytes: () => number) => number) => () =>
      [...this.#bytes].map(([store, bytes]) => ({ labels: { store }, value: value(store, bytes) }))
    return [
      counterMetric('evergate_cache_total', 'Requests of routes with a cache, by what it did for them.', this.#requests),
      gaugeMetric(
        'evergate_cache_bytes',
        'What stored answers take.',
        ofStores((_store, bytes) => bytes())
      ),
      gaugeMetric(
        'evergate_cache_up',
        'Whether a store of answers works: 1, or 0 and requests go on without it.',
        ofStores(store => (this.#down.has(store) ? 0 : 1))
      )
    ]
  }
}
