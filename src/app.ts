import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { GatewayConfig } from '../config/types.ts'
import accessLists from '../plugins/access-lists.ts'
import authentication from '../plugins/authentication.ts'
import caching, { type CachingOptions } from '../plugins/caching.ts'
import circuitBreaking from '../plugins/circuit-breaking.ts'
import completion from '../plugins/completion.ts'
import compression from '../plugins/compression.ts'
import cors from '../plugins/cors.ts'
import csrf from '../plugins/csrf.ts'
import errors from '../plugins/errors.ts'
import exchange from '../plugins/exchange.ts'
import failover from '../plugins/failover.ts'
import faultInjection from '../plugins/fault-injection.ts'
import forwarding from '../plugins/forwarding.ts'
import limiting from '../plugins/limiting.ts'
import loadBalancing from '../plugins/load-balancing.ts'
import logging from '../plugins/logging.ts'
import metrics from '../plugins/metrics.ts'
import origin, { requestIds } from '../plugins/origin.ts'
import overload from '../plugins/overload.ts'
import ownAnswers from '../plugins/own-answers.ts'
import patience from '../plugins/patience.ts'
import pluginLimits from '../plugins/plugin-limits.ts'
import rateLimiting from '../plugins/rate-limiting.ts'
import routing, { readRequests } from '../plugins/routing.ts'
import securityHeaders from '../plugins/security-headers.ts'
import admin from '../routes/admin/index.ts'
import ops from '../routes/ops.ts'
import proxy from '../routes/proxy.ts'
import { openLimiter } from './assemble-limits.ts'
import { secretParameters } from './assemble-security.ts'
import { buildCore, type Core, type GatewayParts } from './core.ts'
import type { Doors } from './doors.ts'
import { explainRequest } from './explain.ts'
import { type LoadedPlugin, loadPlugins, registerPlugin } from './load-plugins.ts'
import { everyMethod } from './model/methods.ts'
import type { Refusal } from './model/refusal.ts'
import type { Route } from './model/route.ts'
import { pluginConstraint, pluginSets, pluginsOf } from './plugin-sets.ts'
import type { Limiter } from './rate-limit/limiter.ts'
import { Refreshing } from './refresh.ts'
import { requestLog } from './request-log.ts'
import type { RouteTable } from './routing/table.ts'
import type { Registry } from './upstream/registry.ts'

export type { GatewayParts } from './core.ts'

export interface Gateway {
  readonly config: GatewayConfig
  /** Answers clients: its `routing` is what a server calls. */
  readonly app: FastifyInstance
  /** Answers operators. */
  readonly admin: FastifyInstance
  readonly registry: Registry
  readonly table: RouteTable
  /** For the server that listens for clients. */
  readonly doors: Doors
  /** Counts and logs what a server refused before `app` was asked. */
  refused(refusal: Refusal): void
  /** Begins what goes on by itself: active checks. */
  start(): void
  /** Sends those who would stay elsewhere, one after the other over so many milliseconds: WebSockets. */
  drain(overMs: number): void
  /** Ends what was started, connections to targets included. */
  close(): Promise<void>
}

/** Puts a gateway together from a checked configuration. It does not listen: `app.routing` and `admin.routing` answer. */
export async function buildGateway(config: GatewayConfig, given: Partial<GatewayParts> = {}): Promise<Gateway> {
  const core = await buildCore(config, given)
  const { registry, table, deadlines, authenticators, files, acme, tunnels } = core
  const plugins = await loadPlugins(config)
  const limiter = await openLimiter(core)
  const app = await buildClientApp(core, limiter, plugins)
  const adminApp = await buildAdminApp(core)
  const start = () => {
    registry.start()
    authenticators.start()
    files.start()
    acme?.start()
  }
  const close = async () => {
    files.stop()
    await acme?.close()
    await app.close()
    await adminApp.close()
    await limiter.store.close()
    deadlines.stop()
    tunnels.close()
    await authenticators.close()
    await registry.close()
    core.caches.close()
  }
  const drain = (overMs: number) => tunnels.drain(overMs)
  const refused = (refusal: Refusal) => app.refused(refusal)
  return { config, app, admin: adminApp, registry, table, doors: doorsOf(core), refused, start, drain, close }
}

/** Who is told of connections, and of requests that need no app. */
const doorsOf = ({ files, trusted, connections, meters, acme }: Core): Doors => ({
  files,
  limit: connections,
  trusted: address => trusted.has(address),
  turnedAway: (listener, reason) => meters.turnedAway(listener, reason),
  answered: (method, status) => meters.refused(method, status),
  shows: terms => meters.shows(terms),
  obtained: terms => {
    if (acme === undefined) throw new RangeError('no certificate is obtained here')
    return acme.certificate(terms)
  },
  ...(acme === undefined ? {} : { challenge: (method, target) => acme.challenges.answer(method, target) })
})

/** Everything that a client's request meets, in the order in which it meets it. */
async function buildClientApp(core: Core, limiter: Limiter, plugins: readonly LoadedPlugin[]): Promise<FastifyInstance> {
  const { config, table, clock, random, deadlines, meters, forwarder, trusted, pseudonym, hex, caches } = core
  const app = openClientApp(core)
  const someRoute = (asks: (route: Route) => unknown) => table.routes.some(route => asks(route) !== undefined)

  // onRequest: refuse early, before the body.
  await app.register(errors) // first, so that whatever fails below is answered as a problem
  await app.register(completion) // before everything that counts or logs how a request ended
  await app.register(origin, { trusted, pseudonym, hex }) // the id stands on every answer, refusals included
  const redact = [...config.logging.redact, ...secretParameters(config)]
  await app.register(logging, { ...config.logging, redact }) // refused requests are logged too
  await app.register(metrics, { meters }) // and counted
  await app.register(overload) // nothing is done for a request that this process has no time for
  if (table.hasCors) await app.register(cors, { table, meters }) // a preflight has nothing to show to those who ask
  if (core.access !== undefined || someRoute(({ access }) => access))
    await app.register(accessLists, { everywhere: core.access, meters }) // who is kept out does not learn which paths there are
  await app.register(routing, { pseudonym }) // no policy is asked about a request that has no route
  if (someRoute(({ careful }) => careful)) await app.register(securityHeaders, { table }) // on refusals too
  if (someRoute(rules => rules.csrf)) await app.register(csrf, { meters, hex }) // needs nobody's identity
  await app.register(patience, { clock, deadlines }) // whatever hooks follow, they do not hold a request for ever
  await app.register(rateLimiting, { limiter, meters, place: 'address' }) // whoever asks too often is not even looked up
  await app.register(authentication, { meters }) // who it is, before the body is read and before anything is asked for it
  await app.register(rateLimiting, { limiter, meters, place: 'identity' }) // and then may have limits of his own
  if (plugins.length > 0) await app.register(pluginLimits, { store: limiter.store, secret: core.hex(16) }) // for limits of their own

  // preHandler, the hook chain: what it leaves is a plan.
  if (table.routes.some(({ destination: { kind } }) => kind === 'redirect' || kind === 'respond')) await app.register(ownAnswers) // no target stands behind some routes
  await app.register(exchange, { clock, random }) // opens the exchange, with every target of the group
  if (someRoute(({ fault }) => fault)) await app.register(faultInjection, { clock, deadlines, random, meters }) // on purpose
  for (const plugin of plugins.filter(({ routes }) => routes === 'all')) await registerPlugin(app, plugin) // may narrow them
  await app.register(forwarding, { forwarder }) // what http-proxy calls after the chain

  const refreshing = new Refreshing({ forwarder, clock, random })
  const cached: CachingOptions = {
    caches: caches.of,
    counted: (route, result) => meters.cache.request(route, result),
    refresh: (...visit) => refreshing.begin(...visit)
  }

  // Routes with the same plugins share a scope, and an http-proxy.
  const sets = pluginSets(core.table)
  for (const set of sets) {
    await app.register(async scope => {
      for (const plugin of pluginsOf(set, plugins)) await registerPlugin(scope, plugin) // may narrow them too
      if (caches.of.size > 0) await scope.register(caching, cached) // what is stored is nobody's work, and there when every target is down
      await scope.register(limiting, { clock }) // waits or is shed before anything is picked
      await scope.register(circuitBreaking, { clock }) // what must not be used goes
      await scope.register(loadBalancing, { random }) // one of the rest is picked
      await scope.register(failover, { clock, random }) // and the plan says where to go when it fails, or 503
      if (someRoute(({ compress }) => compress)) await scope.register(compression) // after whatever else changes an answer
      await scope.register(proxy, { constraints: sets.length > 1 ? { plugins: set } : {} })
    })
  }
  await app.ready()
  return app
}

function openClientApp({ logger, trusted, hex, table }: Core): FastifyInstance {
  const app = Fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' }),
    genReqId: requestIds({ trusted, hex }),
    childLoggerFactory: requestLog,
    rewriteUrl: readRequests(table),
    routerOptions: {
      maxParamLength: 65_536,
      ...(pluginSets(table).length > 1 ? { constraints: { plugins: pluginConstraint } } : {})
    },
    ...(trusted.empty ? {} : { trustProxy: (address: string) => trusted.has(address) }),
    exposeHeadRoutes: false,
    // Draining is the server's affair, which says so to clients in its own way.
    return503OnClosing: false
  }) as unknown as FastifyInstance
  // A request's body is read by the forwarder alone: no parser may buffer, decode or limit it.
  for (const method of everyMethod) app.addHttpMethod(method, { hasBody: false, overrideExisting: true } as { hasBody: boolean })
  return app
}

/** Everything that an operator, a probe or Prometheus asks. */
async function buildAdminApp({
  config,
  logger,
  clock,
  wallClock,
  isReady,
  meters,
  registry,
  table,
  caches
}: Core): Promise<FastifyInstance> {
  const app = Fastify({
    // What operators do is logged.
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' })
  }) as unknown as FastifyInstance
  await app.register(errors) // answered as clients are
  await app.register(ops, { isReady, meters, registry, config, clock }) // never in need of a token
  if (config.admin !== false) {
    await app.register(admin, {
      registry,
      table,
      config,
      clock,
      wallClock,
      explain: question => explainRequest(table, config, question, clock()),
      ...(caches.of.size === 0 ? {} : { purge: caches.purge }),
      token: config.admin.token
    })
  }
  await app.ready()
  return app
}
