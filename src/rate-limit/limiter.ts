import { createHash } from 'node:crypto'
import type { RateLimit } from '../model/rate-limit.ts'
import type { Route } from '../model/route.ts'
import { policyField } from './fields.ts'
import { type CountedRequest, type LimitKey, limitKey, needsIdentity } from './limit-key.ts'
import { LocalCounter } from './local-counter.ts'
import type { Question, Store } from './store.ts'

/** So many keys are counted apart in one process, shared out evenly between the limits of the configuration: some 60 MB. */
const keysInAll = 262_144
/** But so many for each limit at least. */
const fewestKeys = 1024

/** Before it is known who asks, or after. */
export type Place = 'address' | 'identity'

/** What a plugin reads from a request; undefined where it has none. */
export type PluginKey = (request: CountedRequest) => string | number | undefined

/** The limits of one route that are asked at one place. */
interface Limits {
  readonly counted: readonly { readonly counter: LocalCounter; readonly key: LimitKey }[]
}

/** Every limit of every route, and where their requests are counted. */
export class Limiter {
  readonly store: Store
  readonly #policies = new Map<Route, string>()
  readonly #limits: Readonly<Record<Place, Map<Route, Limits>>> = { address: new Map(), identity: new Map() }
  readonly #pluginKeys = new Map<string, PluginKey>()
  readonly #wanted = new Set<string>()

  /** `secret` is known to nobody else. */
  constructor(routes: readonly Route[], store: Store, secret: string) {
    this.store = store
    const count = routes.reduce((sum, { rateLimits = [] }) => sum + rateLimits.length, 0)
    const capacity = Math.max(fewestKeys, Math.floor(keysInAll / Math.max(1, count)))
    for (const route of routes) {
      if (route.rateLimits === undefined) continue
      this.#policies.set(route, policyField(route.rateLimits))
      this.#add('address', route, capacity, secret)
      this.#add('identity', route, capacity, secret)
    }
  }

  /** Whether any route has a limit that is asked there. */
  has(place: Place): boolean {
    return this.#limits[place].size > 0
  }

  /** `RateLimit-Policy` of a route; undefined where it takes any number of requests. */
  policyOf(route: Route): string | undefined {
    return this.#policies.get(route)
  }

  /** What is asked about a request at a place; undefined where nothing is. */
  questions(place: Place, route: Route, request: CountedRequest): readonly Question[] | undefined {
    return this.#limits[place].get(route)?.counted.map(({ counter, key }) => ({ counter, key: key(request) }))
  }

  /** For `by: plugin:NAME`. */
  addPluginKey(name: string, key: PluginKey): void {
    this.#pluginKeys.set(name, key)
  }

  /** Names that a limit counts by, and no plugin has added. */
  missingPluginKeys(): string[] {
    return [...this.#wanted].filter(name => !this.#pluginKeys.has(name))
  }

  #add(place: Place, route: Route, capacity: number, secret: string): void {
    const limits = (route.rateLimits ?? []).filter(({ by }) => needsIdentity(by) === (place === 'identity'))
    if (limits.length === 0) return
    const counted = limits.map(limit => ({
      counter: new LocalCounter(limit, counterId(route, limit), capacity, secret),
      key: this.#keyOf(limit)
    }))
    this.#limits[place].set(route, { counted })
  }

  #keyOf({ by }: RateLimit): LimitKey {
    const name = by.slice(by.indexOf(':') + 1)
    if (by.startsWith('plugin:')) this.#wanted.add(name)
    return limitKey(by, request => this.#pluginKeys.get(name)?.(request))
  }
}

/**
 * Names a limit in a store that several gateways share. What stands in braces decides where a cluster keeps it (Redis cluster
 * specification, "Hash tags"): all limits of a route together, since one script asks all of them. The number itself is not part of
 * it: who raises a limit does not begin anew.
 */
function counterId(route: Route, { name, by, algorithm, windowMs }: RateLimit): string {
  const { host = '', prefix, methods = new Set<string>(), headers, query } = route
  const scope = digest([host, prefix, [...methods].sort(), headers, query])
  return `evergate:{${scope}}:${digest([name, by, algorithm, windowMs])}:`
}

const digest = (what: unknown) => createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, 16)
