import type { ConfigInput } from '../../../src/testing.ts'
import { type Address, isAttached, listenersAt, type Owned } from './attachment.ts'
import { type Backend, backendOf } from './backends.ts'
import { fromFilters, type RouteInput } from './filters.ts'
import { Groups } from './groups.ts'
import { covers, shared } from './hostnames.ts'
import { fromGrpcMatch, fromHttpMatch } from './matches.ts'
import { type AnyRoute, type Filter, type KubernetesObject, type Mirror, namespaceOf, ofKind, type Rule } from './objects.ts'
import { Unsupported } from './unsupported.ts'

/** Where the service behind a port of a Service listens. */
export type Locate = (backend: Backend) => string

/** The configuration of a gateway that does what a Gateway does at one of its ports. */
export function convert(objects: readonly KubernetesObject[], address: Address, locate: Locate): ConfigInput {
  const groups = new Groups(locate)
  const listeners = listenersAt(objects, address)
  // Without a time of creation the alphabet decides.
  const routes = [...ofKind(objects, 'HTTPRoute'), ...ofKind(objects, 'GRPCRoute')].sort(byName)
  const inputs = listeners.flatMap(listener =>
    routes
      .filter(route => isAttached(objects, route, listener))
      .flatMap(route => hostsOf(listener, route, listeners).flatMap(host => routesOf(objects, route, host, groups)))
  )
  // What no route takes is 404 at its own listener, and goes to no other (listener isolation). What this gateway says by itself of
  // a call is in the words of gRPC, which an answer of the configuration is not.
  const callsAlone = listeners.length === 1 && routes.every(({ kind }) => kind === 'GRPCRoute')
  const names = callsAlone ? [] : new Set(listeners.map(({ hostname }) => hostname))
  const nowhere = [...names].map(host => ({ ...(host === undefined ? {} : { host }), prefix: '/', respond: { status: 404 } }))
  return { upstreams: groups.inputs, routes: withoutRepeats([...inputs.sort(byPrecedence), ...nowhere]) }
}

/** Of routes that ask for as much, the first in the file counts: there a method counts more than a header, and that than a query. */
function byPrecedence(one: RouteInput, other: RouteInput): number {
  const count = (named: object = {}) => Object.keys(named).length
  return (
    count(other.methods) - count(one.methods) ||
    count(other.headers) - count(one.headers) ||
    count(other.query) - count(one.query)
  )
}

const nameOf = (route: AnyRoute) => `${namespaceOf(route)}/${route.metadata.name}`
const byName = (one: AnyRoute, other: AnyRoute) => (nameOf(one) < nameOf(other) ? -1 : 1)

/** The names that a route answers at a listener, without those that belong to a narrower one. */
function hostsOf(listener: Owned, route: AnyRoute, all: readonly Owned[]): readonly (string | undefined)[] {
  const narrower = all.filter(({ hostname }) => hostname !== listener.hostname && covers(listener.hostname, hostname))
  return shared(listener.hostname, route.spec.hostnames).filter(host => !narrower.some(({ hostname }) => covers(hostname, host)))
}

function routesOf(objects: readonly KubernetesObject[], route: AnyRoute, host: string | undefined, groups: Groups): RouteInput[] {
  const at = host === undefined ? {} : { host }
  const predicates = (rule: Rule<never>) => {
    // A rule without matches takes everything. Which kind of matches it has, the kind of its route says.
    const matches = rule.matches?.length ? rule.matches : [{}]
    return route.kind === 'HTTPRoute' ? matches.map(fromHttpMatch) : matches.map(fromGrpcMatch)
  }
  const rules = (route.spec.rules ?? []) as readonly Rule<never>[]
  return rules.flatMap(rule =>
    predicates(rule).map(each => ({
      ...at,
      ...each,
      hostHeader: 'client' as const,
      ...destinationOf(objects, route, rule, groups, each.prefix ?? each.path ?? '/')
    }))
  )
}

function destinationOf(
  objects: readonly KubernetesObject[],
  route: AnyRoute,
  rule: Rule<never>,
  groups: Groups,
  prefix: string
): Partial<RouteInput> {
  const { filters = [], backendRefs = [], timeouts = {} } = rule
  const { request, backendRequest } = timeouts
  const own: readonly Filter[] = backendRefs.length === 1 ? (backendRefs[0]?.filters ?? []) : []
  if (backendRefs.length > 1 && backendRefs.some(each => each.filters?.length))
    throw new Unsupported('filters of one backend among several')
  const made = fromFilters([...filters, ...own], prefix)
  if (made.redirect) return made
  const found = backendRefs.map(ref => ({ backend: backendOf(objects, route, ref), weight: ref.weight ?? 1 }))
  const valid = found.flatMap(({ backend, weight }) =>
    backend === undefined ? [] : [{ name: groups.of(backend, backendRequest), weight }]
  )
  if (valid.length === 0) return { ...made, respond: { status: 500 } }
  if (valid.length < found.length) throw new Unsupported('an invalid backend among valid ones')
  const [first] = valid
  const mirrors = [...filters, ...own].flatMap(filter =>
    filter.type === 'RequestMirror' ? [mirrorTo(objects, route, filter.requestMirror, groups)] : []
  )
  return {
    ...made,
    ...(mirrors.length === 0 ? {} : { mirror: mirrors }),
    // 0 is no limit there; here a time has to be said.
    ...(request === undefined ? {} : { timeout: request === '0s' ? '1h' : (request as `${number}ms`) }),
    ...(valid.length === 1 && first !== undefined
      ? { upstream: first.name }
      : { split: Object.fromEntries(valid.map(({ name, weight }) => [name, weight])) })
  }
}

function mirrorTo(objects: readonly KubernetesObject[], route: AnyRoute, mirror: Mirror, groups: Groups) {
  const { backendRef, percent = 100, fraction = { numerator: percent } } = mirror
  const backend = backendOf(objects, route, backendRef)
  if (backend === undefined) throw new Unsupported('a mirror that is no backend')
  return { upstream: groups.of(backend), share: fraction.numerator / (fraction.denominator ?? 100) }
}

/** The first of those that match the same requests counts; here it is an error to have more. */
function withoutRepeats(routes: readonly RouteInput[]): RouteInput[] {
  const seen = new Set<string>()
  return routes.filter(({ host, prefix, path, methods, headers, query }) => {
    const key = JSON.stringify([host, prefix?.replace(/(?<=.)\/$/, ''), path, methods, headers, query])
    return !seen.has(key) && seen.add(key)
  })
}
