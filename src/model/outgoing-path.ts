import type { Route } from './route.ts'

/** The path that goes to the upstream: the route's prefix replaced by its `rewrite`, where it has one. */
export function outgoingPath(route: Pick<Route, 'prefix' | 'exact' | 'rewrite'>, path: string): string {
  if (route.rewrite === undefined) return path
  if (route.exact) return route.rewrite
  const rest = route.prefix === '/' ? path : path.slice(route.prefix.length)
  const base = withoutFinalSlash(route.rewrite)
  if (rest === '' || rest === '/') return base + rest || '/'
  return base + rest
}

export const withoutFinalSlash = (path: string) => (path.endsWith('/') ? path.slice(0, -1) : path)
