import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import type { GatewayConfig } from '../config/types.ts'
import circuitBreaking from '../plugins/circuit-breaking.ts'
import completion from '../plugins/completion.ts'
import errors from '../plugins/errors.ts'
import exchange from '../plugins/exchange.ts'
import failover from '../plugins/failover.ts'
import forwarding from '../plugins/forwarding.ts'
import limiting from '../plugins/limiting.ts'
import loadBalancing from '../plugins/load-balancing.ts'
import logging from '../plugins/logging.ts'
import metrics from '../plugins/metrics.ts'
import origin, { requestIds } from '../plugins/origin.ts'
import overload from '../plugins/overload.ts'
import routing, { matchOf, readRequests } from '../plugins/routing.ts'
import type { Question } from '../routes/admin/explain.ts'
import admin from '../routes/admin/index.ts'
import ops from '../routes/ops.ts'
import proxy from '../routes/proxy.ts'
import { buildGroups } from './assemble-group.ts'
import { buildRoute } from './assemble-route.ts'
import { builtInAlgorithms } from './balance/algorithms.ts'
import { explainRequest } from './explain.ts'
import { Forwarder } from './forward/forwarder.ts'
import { Agents } from './health/agents.ts'
import { Probers } from './health/probers.ts'
import { loadPlugins } from './load-plugins.ts'
import { everyMethod } from './model/methods.ts'
import { Meters } from './observe/meters.ts'
import { RouteTable } from './routing/table.ts'
import { Networks } from './security/networks.ts'
import { type Clock, monotonicClock } from './time/clock.ts'
import { Deadlines } from './time/deadlines.ts'
import { hexSource, processRandom, type Random } from './time/random.ts'
import { processScheduler } from './time/scheduler.ts'
import { Connections } from './upstream/connections.ts'
import { Registry } from './upstream/registry.ts'

/** What a gateway takes from outside; tests bring their own. */
export interface GatewayParts {
  readonly clock: Clock
  readonly random: Random
  /** None: nothing is logged. */
  readonly logger: Logger | undefined
  /** Whether this process takes requests, for /readyz. */
  readonly isReady: () => boolean
}

export interface Gateway {
  readonly config: GatewayConfig
  /** Answers clients: its `routing` is what a server calls. */
  readonly app: FastifyInstance
  /** Answers operators. */
  readonly admin: FastifyInstance
  readonly registry: Registry
  readonly table: RouteTable
  /** Begins what goes on by itself: active checks. */
  start(): void
  /** Ends what was started, connections to targets included. */
  close(): Promise<void>
}

/** Puts a gateway together from a checked configuration. It does not listen: `app.routing` and `admin.routing` answer. */
export async function buildGateway(config: GatewayConfig, given: Partial<GatewayParts> = {}): Promise<Gateway> {
  const { clock = monotonicClock, random = processRandom, logger, isReady = () => true } = given
  const hex = hexSource()
  const pseudonym = `evergate-${hex(4)}`
  const trusted = new Networks(config.trustProxy)
  const meters = new Meters(config.metrics.buckets)
  const connections = new Connections()
  const deadlines = new Deadlines(clock)
  const probers = new Probers({ random })
  const agents = new Agents({ random })
  const parts = {
    zone: config.zone,
    probers,
    agents,
    deadlines,
    shed: (group: string, reason: string) => meters.shed(group, reason),
    connections,
    random,
    algorithms: builtInAlgorithms(),
    observer: (group: string) => meters.observer(group),
    hedged: (group: string, result: string) => meters.hedged(group, result)
  }
  const registry = new Registry(buildGroups(config.upstreams, parts), connections)
  const table = new RouteTable(config.routes.map(route => buildRoute(route, config, registry)))
  const forwarder = new Forwarder({ deadlines, clock, wallClock: Date.now, random, scheduler: processScheduler })
  const plugins = await loadPlugins(config)
  const pluginSets = [...new Set(['', ...table.routes.map(route => route.pluginSet)])]

  const app = Fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds({ trusted, hex }),
    rewriteUrl: readRequests(table),
    routerOptions: { maxParamLength: 65_536, ...(pluginSets.length > 1 ? { constraints: { plugins: pluginConstraint } } : {}) },
    ...(trusted.empty ? {} : { trustProxy: (address: string) => trusted.has(address) }),
    exposeHeadRoutes: false,
    // Draining is the server's affair, which says so to clients in its own way.
    return503OnClosing: false
  }) as unknown as FastifyInstance
  // A request's body is read by the forwarder alone: no parser may buffer, decode or limit it.
  for (const method of everyMethod) app.addHttpMethod(method, { hasBody: false, overrideExisting: true } as { hasBody: boolean })

  // onRequest, in the order that a request meets them. Refuse early, before the body.
  await app.register(errors) // first, so that whatever fails below is answered as a problem
  await app.register(completion) // before everything that counts or logs how a request ended
  await app.register(origin, { trusted, pseudonym, hex }) // the id stands on every answer, refusals included
  await app.register(logging, config.logging) // refused requests are logged too
  await app.register(metrics, { meters }) // and counted
  await app.register(overload) // nothing is done for a request that this process has no time for
  await app.register(routing, { pseudonym }) // no policy is asked about a request that has no route

  // preHandler, the hook chain: what it leaves is a plan.
  await app.register(exchange, { clock, random }) // opens the exchange, with every target of the group
  for (const plugin of plugins) if (plugin.routes === 'all') await app.register(plugin.plugin, plugin.options) // may narrow them
  await app.register(forwarding, { forwarder }) // what http-proxy calls after the chain

  // Routes with the same plugins share a scope, and an http-proxy.
  for (const set of pluginSets) {
    await app.register(async scope => {
      for (const plugin of plugins.filter(({ name }) => set.split(' ').includes(name)))
        await scope.register(plugin.plugin, plugin.options)
      await scope.register(limiting, { clock }) // waits or is shed before anything is picked
      await scope.register(circuitBreaking, { clock }) // what must not be used goes
      await scope.register(loadBalancing, { clock, random }) // one of the rest is picked
      await scope.register(failover, { clock, random }) // and the plan says where to go when it fails, or 503
      await scope.register(proxy, { constraints: pluginSets.length > 1 ? { plugins: set } : {} })
    })
  }
  await app.ready()

  const adminApp = Fastify({ logController: new LogController({ disableRequestLogging: true }) })
  await adminApp.register(errors)
  await adminApp.register(ops, { isReady, meters, registry, config, clock })
  if (config.admin !== false)
    await adminApp.register(admin, {
      registry,
      table,
      config,
      clock,
      wallClock: Date.now,
      explain: (question: Question) => explainRequest(table, question, clock()),
      token: config.admin.token
    })
  await adminApp.ready()

  const close = async () => {
    await app.close()
    await adminApp.close()
    deadlines.stop()
    await registry.close()
  }
  return { config, app, admin: adminApp, registry, table, start: () => registry.start(), close }
}

/** Lets Fastify's router find the scope of the route that was selected before. */
const pluginConstraint = {
  name: 'plugins',
  storage() {
    const handlers = new Map<unknown, unknown>()
    return {
      get: (set: unknown) => handlers.get(set) ?? null,
      set: (set: unknown, handler: unknown) => void handlers.set(set, handler)
    }
  },
  deriveConstraint(request: Parameters<typeof matchOf>[0]) {
    const match = matchOf(request)
    return match.kind === 'route' ? match.route.pluginSet : ''
  },
  mustMatchWhenDerived: false
} as never
