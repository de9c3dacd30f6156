import { isServedMethod } from '../model/methods.ts'
import { firstQueryValue } from '../model/query.ts'
import type { Predicates } from '../model/route.ts'
import type { RequestView } from './request-view.ts'

/** What keeps a route from matching. */
export type Unmet = 'host' | 'prefix' | 'method' | 'headers' | 'query'

/** How many predicates a route has besides host and prefix: the more, the earlier it is tried. */
export function predicateCount(route: Predicates): number {
  return (route.methods === undefined ? 0 : 1) + route.headers.length + route.query.length
}

/** What of a route whose host and prefix hold does not hold: the method last, so that a 405 names only what is missing. */
export function unmetPredicate(route: Predicates, request: RequestView): 'headers' | 'query' | 'method' | undefined {
  for (const [name, value] of route.headers)
    if (request.headers[name] !== value && !request.announced?.has(name)) return 'headers'
  for (const [name, value] of route.query) if (firstQueryValue(request.search.slice(1), name) !== value) return 'query'
  const takes = route.methods === undefined ? isServedMethod(request.method) : route.methods.has(request.method)
  return takes ? undefined : 'method'
}

/** `*.example.com` stands for every name below example.com, not for itself. */
export function hostMatches(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1 : host === pattern
}
