import type { RouteConfig } from '../../config/types-route.ts'
import type { Destination, Route } from '../../src/model/route.ts'
import type { RouteTable } from '../../src/routing/table.ts'
import { describeAuth } from './auth.ts'
import { maskedPairs } from './config.ts'
import { describeHandling } from './handling.ts'

/** What each route was made from: both are in the order of the file. */
export type ConfigOf = (route: Route) => RouteConfig | undefined

export function configOfRoutes(table: RouteTable, configs: readonly RouteConfig[]): ConfigOf {
  const index = new Map(table.routes.map((route, place) => [route, configs[place]]))
  return route => index.get(route)
}

/** Every route in the order of the configuration. */
export function describeRoutes(table: RouteTable, configs: readonly RouteConfig[]) {
  const configOf = configOfRoutes(table, configs)
  return table.routes.map(route => describeRoute(route, configOf(route)))
}

/** A route as an operator reads it; predicates that it does not have are absent. */
export function describeRoute(route: Route, config: RouteConfig | undefined) {
  const { prefix, exact, host, methods, headers, query, rewrite, auth, rateLimits, line } = route
  return {
    ...pathOf(prefix, exact),
    ...(host === undefined ? {} : { host }),
    ...(methods === undefined ? {} : { methods: [...methods] }),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(maskedPairs(headers)) }),
    ...(query.length === 0 ? {} : { query: Object.fromEntries(maskedPairs(query)) }),
    ...describeDestination(route.destination),
    ...(rewrite === undefined ? {} : { rewrite }),
    timeoutMs: route.timeoutMs,
    ...(route.observe ? { mode: 'observe' } : {}),
    ...(auth === undefined ? {} : { auth: describeAuth(auth) }),
    ...(rateLimits === undefined ? {} : { rateLimits }),
    ...(config === undefined ? {} : describeHandling(config)),
    ...(route.pluginSet === '' ? {} : { plugins: route.pluginSet.split(' ') }),
    ...(line === undefined ? {} : { line })
  }
}

const pathOf = (path: string, exact: true | undefined): { readonly prefix?: string; readonly path?: string } =>
  exact ? { path } : { prefix: path }

const withoutKind = ({ kind: _kind, ...redirect }: Destination & { kind: 'redirect' }) => redirect

function describeDestination(destination: Destination) {
  switch (destination.kind) {
    case 'group':
      return { upstream: destination.group.name }
    case 'split':
      return { split: Object.fromEntries(destination.shares.map(({ group, share }) => [group.name, share])) }
    case 'redirect':
      return { redirect: withoutKind(destination) }
    case 'respond':
      return { respond: { status: destination.answer.status } }
  }
}
