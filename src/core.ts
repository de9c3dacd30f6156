import type { Logger } from 'pino'
import type { GatewayConfig } from '../config/types.ts'
import { type Acme, buildAcme } from './assemble-acme.ts'
import { buildCaches, type Caches } from './assemble-cache.ts'
import { buildGroups } from './assemble-group.ts'
import { buildMirrors } from './assemble-mirrors.ts'
import { buildRoute } from './assemble-route.ts'
import { type Authenticators, buildAuthenticators, identityHeaders } from './assemble-security.ts'
import { builtInAlgorithms } from './balance/algorithms.ts'
import { Forwarder } from './forward/forwarder.ts'
import { Agents } from './health/agents.ts'
import { Probers } from './health/probers.ts'
import type { AccessList } from './model/access.ts'
import type { Turn } from './model/turn.ts'
import { Meters } from './observe/meters.ts'
import { RouteTable } from './routing/table.ts'
import { accessList } from './security/access-lists.ts'
import { ConnectionLimit } from './security/connection-limit.ts'
import { Networks } from './security/networks.ts'
import { type Clock, monotonicClock } from './time/clock.ts'
import { Deadlines } from './time/deadlines.ts'
import { hexSource, processRandom, type Random } from './time/random.ts'
import { processScheduler, type Scheduler } from './time/scheduler.ts'
import { PemFiles, type PemFilesParts } from './transport/pem-files.ts'
import { Tunnels } from './tunnel/tunnels.ts'
import { Connections } from './upstream/connections.ts'
import { Registry } from './upstream/registry.ts'

/** What a gateway takes from outside; tests bring their own. */
export interface GatewayParts {
  readonly clock: Clock
  /** For what goes on by itself: checks, probes, renewals. */
  readonly scheduler: Scheduler
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
  readonly random: Random
  /** None: nothing is logged. */
  readonly logger: Logger | undefined
  /** Whether this process takes requests, for /readyz. */
  readonly isReady: () => boolean
}

/** Everything that decides, made from one configuration: what the apps of src/app.ts attach to Fastify. */
export interface Core extends GatewayParts {
  readonly config: GatewayConfig
  readonly registry: Registry
  readonly authenticators: Authenticators
  readonly table: RouteTable
  readonly meters: Meters
  readonly forwarder: Forwarder
  readonly caches: Caches
  readonly deadlines: Deadlines
  readonly tunnels: Tunnels
  readonly files: PemFiles
  /** Absent: no listener obtains its certificate by itself. */
  readonly acme: Acme | undefined
  /** Networks whose word about a client is believed. */
  readonly trusted: Networks
  /** Who may come in, whatever the route; undefined: everybody. */
  readonly access: AccessList | undefined
  /** How many connections an address may have. */
  readonly connections: ConnectionLimit
  /** This gateway's name in Via, unlike any other's. */
  readonly pseudonym: string
  readonly hex: (bytes: number) => string
}

export async function buildCore(config: GatewayConfig, given: Partial<GatewayParts>): Promise<Core> {
  const trusted = new Networks(config.trustProxy)
  const { clock = monotonicClock, scheduler = processScheduler, wallClock = Date.now } = given
  const { random = processRandom, logger, isReady = () => true } = given
  const hex = hexSource()
  const meters = new Meters(config.metrics.buckets)
  const connections = new Connections()
  const files = new PemFiles(renewalLog(logger))
  const deadlines = new Deadlines(clock)
  const tunnels = new Tunnels(scheduler, meters.tunnels)
  const groups = buildGroups(config.upstreams, {
    zone: config.zone,
    random,
    deadlines,
    scheduler,
    connections,
    files,
    algorithms: builtInAlgorithms(),
    probers: new Probers({ random }),
    agents: new Agents({ random }),
    observer: group => meters.observer(group),
    hedged: (group, result) => meters.hedged(group, result),
    shed: (group, reason) => meters.shed(group, reason),
    turned: turn => logTurn(logger, turn)
  })
  const registry = new Registry(groups, connections)
  const authenticators = await buildAuthenticators(config, { clock, scheduler, wallClock, logger })
  const security = { authenticators, withheld: identityHeaders(config) }
  const mirrors = buildMirrors({ registry, meters, random, logger })
  const table = new RouteTable(config.routes.map(route => buildRoute(route, config, registry, security, mirrors)))
  return {
    config,
    clock,
    scheduler,
    wallClock,
    random,
    logger,
    isReady,
    registry,
    authenticators,
    table,
    caches: buildCaches(config, table.routes, { logger, meters, wallClock }),
    meters,
    tunnels,
    forwarder: new Forwarder({ deadlines, clock, wallClock, random, tunnels }),
    deadlines,
    trusted,
    connections: new ConnectionLimit(config.connections.perAddress, trusted),
    access: accessList(config.security),
    files,
    acme: await buildAcme(config, { logger, meters, random, scheduler, wallClock }),
    pseudonym: `evergate-${hex(4)}`,
    hex
  }
}

const renewalLog = (logger: Logger | undefined): PemFilesParts => ({
  taken: files => logger?.info({ files }, 'certificate renewed'),
  refused: (files, why) => logger?.error({ files, why }, 'certificate not renewed: the old one stays')
})

/** What an operator is to read, and be alarmed by, is a warning. */
function logTurn(logger: Logger | undefined, { upstream, target, by, why }: Turn): void {
  logger?.warn(
    { upstream, target: target.id, by, ...(why === undefined ? {} : { why }) },
    why === undefined ? 'target is back' : 'target is out'
  )
}
