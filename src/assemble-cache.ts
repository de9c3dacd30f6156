import { hash } from 'node:crypto'
import type { Logger } from 'pino'
import type { GatewayConfig } from '../config/types.ts'
import type { RouteConfig } from '../config/types-route.ts'
import { Flights } from './cache/flights.ts'
import { type OpenStore, openStore } from './cache/open-store.ts'
import type { Purge } from './cache/purges.ts'
import { RouteCache } from './cache/route-cache.ts'
import type { Route } from './model/route.ts'
import type { Meters } from './observe/meters.ts'

/** What routes keep of answers. */
export interface Caches {
  /** Those of the routes that have one. */
  readonly of: ReadonlyMap<Route, RouteCache>
  /** Forgets what is named, in every store. */
  purge(purge: Purge): void
  close(): void
}

export interface CachesParts {
  readonly logger: Logger | undefined
  readonly meters: Meters
  /** Milliseconds since 1970: what undici's stores go by. */
  readonly wallClock: () => number
}

/** Opens the stores that routes name; those of the same terms share one. `routes` are those of the configuration, in its order. */
export function buildCaches({ routes: configs }: GatewayConfig, routes: readonly Route[], parts: CachesParts): Caches {
  const { logger, meters, wallClock } = parts
  const stores = new Map<string, { readonly open: OpenStore; readonly flights: Flights }>()
  const broken = (store: string, error: Error | undefined) => {
    meters.cache.works(store, error === undefined)
    if (error === undefined) logger?.info({ store }, 'cache works again')
    else logger?.error({ store, err: error }, 'cache does not work: requests go on without it')
  }
  const of = new Map<Route, RouteCache>()
  for (const [index, route] of routes.entries()) {
    const config = configs[index]
    if (config === undefined || config.cache === false) continue
    const { store, maxSize, maxEntries, maxEntry } = config.cache
    const key = JSON.stringify(store === 'memory' ? [maxSize, maxEntries, maxEntry] : store)
    const shared = stores.get(key) ?? { open: openStore(config.cache, broken), flights: new Flights() }
    if (!stores.has(key)) meters.cache.store(shared.open.name, () => shared.open.bytes())
    stores.set(key, shared)
    of.set(route, new RouteCache(config.cache, variantOf(config), shared.open, shared.flights, wallClock))
  }
  return {
    of,
    purge: purge => {
      for (const { open } of stores.values()) open.answers.purge(purge, wallClock())
    },
    close: () => {
      for (const { open } of stores.values()) open.close()
    }
  }
}

/** The same as long as the route makes the same of what its upstream answers, also in the next process. */
const variantOf = ({ place: _place, ...config }: RouteConfig) => hash('sha256', JSON.stringify(config), 'base64url').slice(0, 12)
