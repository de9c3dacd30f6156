import { createHash } from 'node:crypto'
import type { Consumer, OwnLimit } from '../model/consumer.ts'
import { type RateLimit, takesOwn } from '../model/rate-limit.ts'
import type { Route } from '../model/route.ts'
import type { Clock } from '../time/clock.ts'
import { policyField } from './fields.ts'
import { type CountedRequest, type LimitKey, limitKey, needsIdentity } from './limit-key.ts'
import { LocalCounter } from './local-counter.ts'
import { type CountedWindow, OwnCounters, ownForm } from './own-counters.ts'
import type { Question, Store } from './store.ts'
import { UsageTable } from './usage-table.ts'

/** So many keys are counted apart in one process, shared out evenly between the limits of the configuration: some 60 MB. */
const keysInAll = 262_144
/** But so many for each limit at least. */
const fewestKeys = 1024

/** Before it is known who asks, or after. */
export type Place = 'address' | 'identity'

/** What a plugin reads from a request; undefined where it has none. */
export type PluginKey = (request: CountedRequest) => string | number | undefined

interface Counted {
  readonly counter: LocalCounter
  readonly key: LimitKey
  /** For consumers with limits of their own, where these take its place. */
  readonly own: OwnCounters | undefined
}

/** `RateLimit-Policy` of a route. */
interface Policy {
  readonly field: string
  /** For consumers with limits of their own, where any of these takes the place of another; by what the consumers have. */
  readonly own: WeakMap<OwnLimit, string> | undefined
}

/** Every limit of every route, and where their requests are counted. */
export class Limiter {
  readonly store: Store
  readonly #clock: Clock
  readonly #policies = new Map<Route, Policy>()
  /** The limits of a route that are asked at one place. */
  readonly #limits: Readonly<Record<Place, Map<Route, readonly Counted[]>>> = { address: new Map(), identity: new Map() }
  readonly #pluginKeys = new Map<string, PluginKey>()
  readonly #wanted = new Set<string>()

  /** `secret` is known to nobody else. */
  constructor(routes: readonly Route[], store: Store, secret: string, clock: Clock) {
    this.store = store
    this.#clock = clock
    const count = routes.reduce((sum, { rateLimits = [] }) => sum + rateLimits.length, 0)
    const capacity = Math.max(fewestKeys, Math.floor(keysInAll / Math.max(1, count)))
    for (const route of routes) {
      if (route.rateLimits === undefined) continue
      const own = route.rateLimits.some(takesOwn) ? new WeakMap<OwnLimit, string>() : undefined
      this.#policies.set(route, { field: policyField(route.rateLimits), own })
      this.#add('address', route, capacity, secret)
      this.#add('identity', route, capacity, secret)
    }
  }

  /** Whether any route has a limit that is asked there. */
  has(place: Place): boolean {
    return this.#limits[place].size > 0
  }

  /** `RateLimit-Policy` of a route for this consumer; undefined where it takes any number of requests. */
  policyOf(route: Route, consumer: Consumer | null): string | undefined {
    const policy = this.#policies.get(route)
    const limit = consumer?.limit
    if (limit === undefined || policy?.own === undefined) return policy?.field
    let field = policy.own.get(limit)
    if (field === undefined) {
      field = policyField((route.rateLimits ?? []).map(each => (takesOwn(each) ? ownForm(each, limit) : each)))
      policy.own.set(limit, field)
    }
    return field
  }

  /** What is asked about a request at a place; undefined where nothing is. */
  questions(place: Place, route: Route, request: CountedRequest): readonly Question[] | undefined {
    const limit = request.consumer?.limit
    return this.#limits[place].get(route)?.map(({ counter, key, own }) => ({
      counter: limit === undefined || own === undefined ? counter : own.counterOf(limit),
      key: key(request)
    }))
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
    const open = (limit: RateLimit): CountedWindow => ({
      id: counterId(route, limit),
      table: new UsageTable(limit, capacity, secret)
    })
    const counted = limits.map(limit => {
      const usual = open(limit)
      return {
        counter: new LocalCounter(limit, usual.id, usual.table),
        key: this.#keyOf(limit),
        own: takesOwn(limit) ? new OwnCounters(limit, usual, open, this.#clock) : undefined
      }
    })
    this.#limits[place].set(route, counted)
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
