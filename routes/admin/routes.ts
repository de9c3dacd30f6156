import type { Destination, Route } from '../../src/model/route.ts'
import type { RouteTable } from '../../src/routing/table.ts'
import { describeAuth } from './auth.ts'
import { maskedPairs } from './config.ts'

/** Every route in the order of the configuration. */
export const describeRoutes = (table: RouteTable) => table.routes.map(describeRoute)

/** A route as an operator reads it; predicates that it does not have are absent. */
export function describeRoute(route: Route) {
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
    ...(route.mirrors === undefined ? {} : { mirrors: route.mirrors.map(({ group }) => group.name) }),
    ...(route.fault === undefined ? {} : { fault: true }),
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
