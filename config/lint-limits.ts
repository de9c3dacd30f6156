import { valueAt } from './node.ts'
import type { Report } from './report.ts'
import type { GatewayConfig } from './types.ts'
import type { RouteConfig } from './types-route.ts'

/** Warns of limits that count by what is not known, and of a store that nothing is kept in. */
export function lintLimits(config: GatewayConfig, report: Report): void {
  for (const [index, route] of config.routes.entries()) lintIdentity(route, index, report)
  if (config.store !== 'memory' && config.routes.every(({ rateLimits }) => rateLimits.length === 0))
    report.warn(['store'], 'nothing is kept in it: no route has a rateLimit')
}

function lintIdentity(route: RouteConfig, index: number, report: Report): void {
  // A route that asks nobody who he is has no auth, or one that is off.
  const auth = valueAt(route, 'auth')
  if (auth !== undefined && auth !== false && auth !== null) return
  const unknown = route.rateLimits.filter(({ by }) => by === 'consumer' || by.startsWith('claim:'))
  for (const { by } of unknown)
    report.warn(['routes', index, 'rateLimit'], `by: ${by} counts by address here: the route has no auth, and knows nobody`)
}
