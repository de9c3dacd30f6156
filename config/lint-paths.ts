import { hasPrefix } from '../src/routing/path.ts'
import type { Report } from './report.ts'
import type { GatewayConfig } from './types.ts'
import type { RouteConfig } from './types-route.ts'

/** Warns of paths that are not what they seem. */
export function lintPaths({ routes }: GatewayConfig, report: Report): void {
  lintSlashes(routes, report)
  lintCircles(routes, report)
}

/** A path that asks who comes while the same with a slash, which many servers take for the same, asks nobody. */
function lintSlashes(routes: readonly RouteConfig[], report: Report): void {
  for (const [index, route] of routes.entries()) {
    if (!route.exact || route.auth === false || route.prefix.endsWith('/')) continue
    const other = routeOf(`${route.prefix}/`, route.host, routes)
    if (other === undefined || other.auth !== false || (other.to.kind !== 'upstream' && other.to.kind !== 'split')) continue
    report.warn(
      ['routes', index, 'path'],
      `${route.prefix}/ goes to ${other.exact ? 'path' : 'prefix'} ${other.prefix}, which has no auth; a prefix takes both`
    )
  }
}

/** A redirect to a path that is redirected by the same route again, for ever. */
function lintCircles(routes: readonly RouteConfig[], report: Report): void {
  for (const [index, { to, prefix, host, methods, headers, query, transform }] of routes.entries()) {
    // Whatever is changed besides may lead out of the route.
    if (to.kind !== 'redirect' || !to.to?.startsWith('/') || (to.scheme ?? to.host ?? to.port) !== undefined) continue
    if ((methods ?? headers ?? query ?? transform.path) !== undefined) continue
    if (routeOf(to.to, host, routes) === routes[index])
      report.warn(['routes', index, 'redirect'], `leads to ${to.to}, which prefix ${prefix} redirects again`)
  }
}

/** The route that takes a path if nothing but host and path is asked for: of this host, or else of any. */
function routeOf(path: string, host: string | undefined, routes: readonly RouteConfig[]): RouteConfig | undefined {
  const rank = (route: RouteConfig) => (route.host === undefined ? 0 : 2) + (route.exact ? 1 : 0)
  return routes
    .filter(route => route.host === undefined || route.host === host)
    .filter(({ exact, prefix }) => (exact ? prefix === path : hasPrefix(path, prefix)))
    .sort((one, other) => rank(other) - rank(one) || other.prefix.length - one.prefix.length)[0]
}
