import { everyMethod } from '../model/methods.ts'
import type { Route } from '../model/route.ts'
import { comparablePath, hasPrefix } from './path.ts'
import { hostMatches, predicateCount, type Unmet, unmetPredicate } from './predicates.ts'
import type { RequestView } from './request-view.ts'

/** Which route a request takes, or why it takes none. */
export type Selection =
  | { readonly kind: 'route'; readonly route: Route }
  /** Routes match but for the method; `allow` is what they take together. */
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' }

/** Routes of one host (or of none) by prefix. The prefix `/` stands under the empty text. */
interface HostIndex {
  /** Those that match one path alone; absent: there are none. */
  whole?: Map<string, Route[]>
  readonly byPrefix: Map<string, Route[]>
  longestPrefix: number
}

/**
 * Finds the route of a request: the most specific host, then the whole path, then the longest prefix at a segment boundary, then the most
 * predicates, then the first in the file. A route whose other predicates do not hold hides nothing. Costs one map look-up for
 * each segment of the path that a prefix may cover, whatever the number of routes.
 */
export class RouteTable {
  readonly routes: readonly Route[]
  /** Whether a preflight may be for one of them. */
  readonly hasCors: boolean
  readonly #exact = new Map<string, HostIndex>()
  readonly #wildcard = new Map<string, HostIndex>()
  readonly #anyHost: HostIndex = { byPrefix: new Map(), longestPrefix: 0 }
  readonly #hostless: readonly HostIndex[] = [this.#anyHost]

  constructor(routes: readonly Route[]) {
    this.routes = routes
    this.hasCors = routes.some(({ cors }) => cors !== undefined)
    for (const route of routes) this.#insert(route)
  }

  #insert(route: Route): void {
    const index = this.#indexOf(route.host)
    if (route.exact) {
      index.whole ??= new Map()
      insertAt(index.whole, comparablePath(route.prefix), route)
      return
    }
    const prefix = route.prefix === '/' ? '' : comparablePath(route.prefix)
    insertAt(index.byPrefix, prefix, route)
    index.longestPrefix = Math.max(index.longestPrefix, prefix.length)
  }

  #indexOf(host: string | undefined): HostIndex {
    if (host === undefined) return this.#anyHost
    const [indexes, key] = host.startsWith('*.') ? [this.#wildcard, host.slice(1)] : [this.#exact, host]
    const index = indexes.get(key) ?? { byPrefix: new Map(), longestPrefix: 0 }
    indexes.set(key, index)
    return index
  }

  select(request: RequestView): Selection {
    const path = comparablePath(request.path)
    for (const index of this.#indexesFor(request.host)) {
      const route = selectIn(index, path, request)
      if (route !== undefined) return { kind: 'route', route }
    }
    const allow = this.#methodsFor(path, request)
    return allow.length > 0 ? { kind: 'method', allow } : { kind: 'none' }
  }

  /** From the most specific to the least. */
  #indexesFor(host: string): readonly HostIndex[] {
    if (this.#exact.size === 0 && this.#wildcard.size === 0) return this.#hostless
    const indexes: HostIndex[] = []
    const exact = this.#exact.get(host)
    if (exact !== undefined) indexes.push(exact)
    for (let dot = host.indexOf('.'); dot >= 0 && this.#wildcard.size > 0; dot = host.indexOf('.', dot + 1)) {
      const index = dot > 0 ? this.#wildcard.get(host.slice(dot)) : undefined
      if (index !== undefined) indexes.push(index)
    }
    indexes.push(this.#anyHost)
    return indexes
  }

  /** What the routes take together that fail on the method alone. */
  #methodsFor(path: string, request: RequestView): readonly string[] {
    const allow = new Set<string>()
    for (const index of this.#indexesFor(request.host)) {
      for (const route of routesUnder(index, path)) {
        if (unmetPredicate(route, request) === 'method') for (const method of route.methods ?? everyMethod) allow.add(method)
      }
    }
    return [...allow]
  }

  /** Why each route is not the request's, in the order of the file; undefined for one that matches. */
  explain(request: RequestView): readonly { readonly route: Route; readonly unmet: Unmet | undefined }[] {
    const path = comparablePath(request.path)
    return this.routes.map(route => {
      if (route.host !== undefined && !hostMatches(route.host, request.host)) return { route, unmet: 'host' }
      const prefix = comparablePath(route.prefix)
      if (route.exact ? path !== prefix : !hasPrefix(path, prefix)) return { route, unmet: 'prefix' }
      return { route, unmet: unmetPredicate(route, request) }
    })
  }
}

/** Behind those that ask for as much, before those that ask for less. */
function insertAt(routes: Map<string, Route[]>, path: string, route: Route): void {
  const sharing = routes.get(path) ?? []
  const place = sharing.findIndex(other => predicateCount(other) < predicateCount(route))
  sharing.splice(place < 0 ? sharing.length : place, 0, route)
  routes.set(path, sharing)
}

function selectIn(index: HostIndex, path: string, request: RequestView): Route | undefined {
  if (index.whole !== undefined)
    for (const route of index.whole.get(path) ?? []) if (unmetPredicate(route, request) === undefined) return route
  for (let end = firstBoundary(path, index.longestPrefix); end >= 0; end = shorterBoundary(path, end)) {
    const sharing = index.byPrefix.get(path.slice(0, end))
    if (sharing === undefined) continue
    for (const route of sharing) if (unmetPredicate(route, request) === undefined) return route
  }
  return undefined
}

function routesUnder(index: HostIndex, path: string): Route[] {
  const found: Route[] = [...(index.whole?.get(path) ?? [])]
  for (let end = firstBoundary(path, index.longestPrefix); end >= 0; end = shorterBoundary(path, end)) {
    found.push(...(index.byPrefix.get(path.slice(0, end)) ?? []))
  }
  return found
}

/** The end of the next shorter prefix; -1 after the empty one. */
const shorterBoundary = (path: string, end: number) => (end === 0 ? -1 : path.lastIndexOf('/', end - 1))

/** Where the longest prefix may end: at the path's end, or before a slash, within the longest that there is. */
function firstBoundary(path: string, longestPrefix: number): number {
  return path.length <= longestPrefix ? path.length : path.lastIndexOf('/', longestPrefix)
}
