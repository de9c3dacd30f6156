import type { GatewayConfig, UpstreamConfig } from '../config/types.ts'
import type { RouteConfig } from '../config/types-route.ts'
import { authText } from '../routes/admin/auth.ts'
import { maskedPairs } from '../routes/admin/config.ts'
import type { Question } from '../routes/admin/explain.ts'
import { handlingText } from '../routes/admin/handling.ts'
import { configOfRoutes, describeRoute } from '../routes/admin/routes.ts'
import type { Facts } from './model/facts.ts'
import type { Group } from './model/group.ts'
import { outgoingPath } from './model/outgoing-path.ts'
import { takesOwn } from './model/rate-limit.ts'
import type { Route } from './model/route.ts'
import { redactedQuery, secretNames } from './observe/access-record.ts'
import type { Unmet } from './routing/predicates.ts'
import { hostName } from './routing/request-view.ts'
import { matchRequest } from './routing/router.ts'
import type { RouteTable } from './routing/table.ts'

/** Why a request takes the way it takes, as an operator reads it. */
export interface Explanation {
  readonly request: { readonly method: string; readonly host: string; readonly path: string }
  /** The route that matches; null when the gateway answers itself, and then `refused` says with what. */
  readonly route: ReturnType<typeof describeRoute> | null
  readonly refused: { readonly code: string; readonly detail: string } | null
  /** Why each of the other routes is not taken, in the order of the file. */
  readonly others: readonly { readonly route: ReturnType<typeof describeRoute>; readonly why: string }[]
  /** What is asked of the request on its way, in order. */
  readonly policies: readonly string[]
  readonly upstreams: readonly string[]
  /** Those of them in which too few targets pass, so that health and ejection are ignored. */
  readonly panic: readonly string[]
  readonly targets: readonly {
    readonly upstream: string
    readonly id: string
    readonly tier: number
    readonly eligible: boolean
    readonly why: string
  }[]
  /** What goes out; null where no target is asked. */
  readonly sent: { readonly method: string; readonly path: string } | null
}

/** Explains a request against a table: the file's, or a running gateway's with what its gates say now. */
export function explainRequest(
  table: RouteTable,
  { routes, upstreams }: Pick<GatewayConfig, 'routes' | 'upstreams'>,
  { method, target, headers }: Question,
  now: number
): Explanation {
  const match = matchRequest(table, method, target, headers)
  const view = { method, host: hostName(match.host), path: match.path, search: match.search, headers }
  const chosen = match.kind === 'route' ? match.route : undefined
  const others = table.explain(view).filter(({ route }) => route !== chosen)
  const configOf = configOfRoutes(table, routes)
  return {
    request: { method, host: match.host, path: match.path + match.search },
    route: chosen === undefined ? null : describeRoute(chosen, configOf(chosen)),
    refused: match.kind === 'refused' ? { code: match.code, detail: match.detail } : null,
    others: others.map(({ route, unmet }) => ({
      route: describeRoute(route, configOf(route)),
      why: whyNot(route, unmet, chosen)
    })),
    policies: chosen === undefined ? [] : policiesOf(chosen, configOf(chosen), upstreams),
    upstreams: groupsOf(chosen).map(group => group.name),
    panic: groupsOf(chosen)
      .filter(group => group.gates.isPanicking(now))
      .map(group => group.name),
    targets: groupsOf(chosen).flatMap(group => describeTargets(group, now)),
    sent:
      groupsOf(chosen).length === 0 || chosen === undefined
        ? null
        : { method, path: sentPath(chosen, { ...view, search: match.search.slice(1) }) }
  }
}

/** Of who would send it nothing is known here. A value that the route puts into the query may be a secret. */
function sentPath(
  route: Route,
  { path, search, ...view }: Pick<Facts, 'method' | 'host' | 'path' | 'search' | 'headers'>
): string {
  const query = search === '' ? '' : `?${search}`
  if (route.retarget === undefined) return outgoingPath(route, path) + query
  const nobody = { id: '', ip: '', consumer: undefined, claim: () => undefined }
  const made = route.retarget({ ...nobody, ...view, path, search, prefix: route.prefix })
  if (made === undefined) return 'a path made from what this request has not'
  const mark = made.indexOf('?')
  return mark < 0 ? made : made.slice(0, mark) + redactedQuery(made.slice(mark), secretNames([]))
}

const groupsOf = (route: Route | undefined): readonly Group[] => {
  if (route === undefined) return []
  const { destination } = route
  switch (destination.kind) {
    case 'group':
      return [destination.group]
    case 'split':
      return destination.shares.map(({ group }) => group)
    default:
      return []
  }
}

function whyNot(route: Route, unmet: Unmet | undefined, chosen: Route | undefined): string {
  switch (unmet) {
    case 'host':
      return `host is not ${route.host}`
    case 'prefix':
      return `path is not ${route.exact ? '' : 'under '}${route.prefix}`
    case 'method':
      return route.methods === undefined ? 'no route takes that method' : `method is not ${[...route.methods].join(' or ')}`
    case 'headers':
      return `headers are not ${maskedPairs(route.headers)
        .map(pair => pair.join(': '))
        .join(', ')}`
    case 'query':
      return `query has not ${maskedPairs(route.query)
        .map(pair => pair.join('='))
        .join('&')}`
    case undefined:
      return chosen === undefined ? 'matches' : `matches too, but ${precedence(route, chosen)}`
  }
}

/** Host first, then the whole path, then the prefix, then the number of predicates, then the place in the file. */
function precedence(route: Route, chosen: Route): string {
  if (route.host !== chosen.host) return `host ${chosen.host ?? 'of any name'} is more specific`
  if (chosen.exact && !route.exact) return `path ${chosen.prefix} is the whole path`
  if (route.prefix !== chosen.prefix) return `prefix ${chosen.prefix} is longer`
  const count = (each: Route) => (each.methods === undefined ? 0 : 1) + each.headers.length + each.query.length
  return count(route) < count(chosen) ? 'the other names more predicates' : 'the other comes first'
}

function policiesOf(route: Route, config: RouteConfig | undefined, upstreams: readonly UpstreamConfig[]): string[] {
  const groups = new Set(groupsOf(route).map(({ name }) => name))
  const { attempts, backoffMs, on } = groupsOf(route)[0]?.retry ?? {}
  return [
    `authentication: ${authText(route.auth)}`,
    ...(route.rateLimits ?? []).map(({ name, limit, windowMs, algorithm, by }) => {
      const span = algorithm === 'concurrency' ? 'at once' : `in ${windowMs} ms`
      const own = takesOwn({ by, algorithm }) ? ', or what the consumer has of its own' : ''
      return `rate limit ${name}: ${limit} requests ${span}${own} by ${by}, ${algorithm}${route.observe ? ', observed only' : ''}`
    }),
    `body: at most ${route.maxBodyBytes} bytes, the first ${route.bufferBytes} kept for another attempt`,
    `time: ${route.timeoutMs} ms from the whole request until the answer begins`,
    ...(route.pluginSet === '' ? [] : [`plugins: ${route.pluginSet}`]),
    ...(config === undefined ? [] : handlingText(config)),
    ...ownText(route),
    ...upstreams.filter(({ name }) => groups.has(name)).map(upstreamText),
    ...(attempts === undefined
      ? []
      : [
          `retry: ${route.retry?.attempts ?? attempts} attempts on ${[...(route.retry?.on ?? on ?? [])].join(' ')}, waiting up to ${(route.retry?.backoffMs ?? backoffMs)?.[1]} ms`
        ])
  ]
}

function ownText({ destination }: Route): string[] {
  if (destination.kind === 'respond') return [`answered by the gateway itself: ${destination.answer.status}`]
  if (destination.kind !== 'redirect') return []
  const { status, to, scheme, host, port } = destination
  const changed = Object.entries({ to, scheme, host, port }).filter(([, value]) => value !== undefined)
  return [`redirected by the gateway itself: ${[status, ...changed.map(([name, value]) => `${name} ${value}`)].join(', ')}`]
}

function upstreamText({ name, protocol, timeouts: { connect, response, idle, tunnel } }: UpstreamConfig): string {
  const upgrades = protocol === 'http1' ? 'upgrades, events and gRPC' : 'events and gRPC, no upgrades'
  return `upstream ${name}: ${protocol}, connected in ${connect} ms, answering in ${response} ms, silent for at most ${idle} ms (${upgrades}: ${tunnel} ms)`
}

/** In the order of the file; what would be picked first is among the eligible ones of the lowest tier. */
function describeTargets(group: Group, now: number) {
  const { gates, targets, picker } = group
  const eligible = targets.filter(target => gates.refusal(target, now) === undefined)
  const lowest = Math.min(...eligible.map(target => target.tier))
  return targets.map(target => {
    const complaint = gates.complaint(target, now)
    const isEligible = eligible.includes(target)
    const use = target.tier === lowest ? `drawn by ${picker.algorithm}` : `a backup of tier ${target.tier}`
    const why = complaint === undefined ? use : isEligible ? `${use}, in panic, although ${complaint}` : complaint
    return { upstream: group.name, id: target.id, tier: target.tier, eligible: isEligible, why }
  })
}
