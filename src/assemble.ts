import type { GatewayConfig, HeaderRules, RouteConfig, UpstreamConfig } from '../config/types.ts'
import type { PickerFactory } from './balance/algorithms.ts'
import { Breaker } from './breaker/breaker.ts'
import { RetryBudget } from './failover/retry-budget.ts'
import type { AttemptObserver } from './model/attempt.ts'
import { type Gate, Gates } from './model/gate.ts'
import type { Group, RetryRules } from './model/group.ts'
import { requestKey } from './model/request-key.ts'
import type { Destination, HeaderEdit, Route } from './model/route.ts'
import { PerTarget, type Target } from './model/target.ts'
import type { Connections } from './upstream/connections.ts'
import type { Registry, RunningGroup } from './upstream/registry.ts'
import { Traffic } from './upstream/traffic.ts'

/** What groups are made with, besides their configuration. */
export interface GroupParts {
  readonly connections: Connections
  readonly algorithms: ReadonlyMap<string, PickerFactory>
  /** Told of every attempt of a group, besides its policies: metrics. */
  observer(group: string): AttemptObserver
}

/** A breaker opens after this many failures in a row. */
const consecutiveFailures = 5

/** Puts a group together: its targets, its policies, and the connections to them. */
export function buildGroup(config: UpstreamConfig, parts: GroupParts): RunningGroup {
  const traffic = new Traffic()
  const breaker =
    config.breaker === false
      ? undefined
      : new Breaker({ consecutive: consecutiveFailures, openMs: config.breaker.open, probes: config.breaker.probes })
  const factory = parts.algorithms.get(config.balance.algorithm)
  if (factory === undefined) throw new RangeError(`no balancing algorithm is named ${config.balance.algorithm}`)
  const connection = { connectMs: config.timeouts.connect, ...config.tls }
  const dispatchers = new PerTarget(target => parts.connections.to(target.url, connection))
  const group: Group = {
    name: config.name,
    targets: config.targets.map(buildTarget),
    picker: factory({ inFlight: traffic.inFlight }),
    gates: new Gates(breaker === undefined ? [] : ([breaker] satisfies Gate[])),
    observers: [traffic, ...(breaker === undefined ? [] : [breaker]), parts.observer(config.name)],
    retry: buildRetry(config.retry),
    budget: new RetryBudget(config.retry.budget),
    timeouts: { connectMs: config.timeouts.connect, responseMs: config.timeouts.response, idleMs: config.timeouts.idle },
    dispatcher: target => dispatchers.of(target)
  }
  return { group, traffic, breaker }
}

const buildTarget = (config: UpstreamConfig['targets'][number]): Target => Object.freeze({ ...config })

function buildRetry({ attempts, on, backoff, unsafe }: UpstreamConfig['retry']): RetryRules {
  return { attempts, on: new Set(on), backoffMs: [backoff[0], backoff[1]], unsafe }
}

/** Puts a route together. The registry has every group that a checked configuration names. */
export function buildRoute(config: RouteConfig, { timeouts }: GatewayConfig, registry: Registry): Route {
  const { host, methods, headers = {}, query = {}, rewrite, retry, place } = config
  const requestEdit = buildEdit(config.transform.request)
  const responseEdit = buildEdit(config.transform.response)
  return {
    prefix: config.prefix,
    ...(host === undefined ? {} : { host }),
    ...(methods === undefined ? {} : { methods: new Set(methods) }),
    headers: Object.entries(headers),
    query: Object.entries(query),
    destination: buildDestination(config.to, registry),
    ...(rewrite === undefined ? {} : { rewrite }),
    timeoutMs: config.timeout,
    maxBodyBytes: config.body.max,
    bufferBytes: config.body.buffer,
    receiveMs: config.body.timeout ?? timeouts.request,
    ...(requestEdit === undefined ? {} : { requestEdit }),
    ...(responseEdit === undefined ? {} : { responseEdit }),
    hostHeader: config.hostHeader,
    pluginSet: [...config.plugins].sort().join(' '),
    ...(retry === undefined ? {} : { retry: buildRouteRetry(retry) }),
    ...(place.line === undefined ? {} : { line: place.line })
  }
}

function buildDestination(to: RouteConfig['to'], registry: Registry): Destination {
  if (to.kind === 'upstream') return { kind: 'group', group: registry.group(to.upstream) }
  const by = to.by === undefined ? undefined : requestKey(to.by)
  const shares = to.shares.map(({ upstream, share }) => ({ group: registry.group(upstream), share }))
  return { kind: 'split', shares, ...(by === undefined ? {} : { by }) }
}

function buildRouteRetry({ attempts, on, backoff, unsafe }: NonNullable<RouteConfig['retry']>): Partial<RetryRules> {
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(on === undefined ? {} : { on: new Set(on) }),
    ...(backoff === undefined ? {} : { backoffMs: [backoff[0], backoff[1]] as const }),
    ...(unsafe === undefined ? {} : { unsafe })
  }
}

function buildEdit({ set, add, remove }: HeaderRules): HeaderEdit | undefined {
  const append = [...Object.entries(set), ...Object.entries(add)]
  if (append.length === 0 && remove.length === 0) return undefined
  return { drop: new Set([...remove, ...Object.keys(set)]), append }
}
