import type { ServerResponse } from 'node:http'
import type { ConfigInput } from '../../config/define.ts'
import { parseConfig } from '../../config/parse.ts'
import { buildGroups } from '../../src/assemble-group.ts'
import { buildRoute, type RouteSecurity } from '../../src/assemble-route.ts'
import { builtInAlgorithms } from '../../src/balance/algorithms.ts'
import { FailoverPlan } from '../../src/failover/failover-plan.ts'
import { reach } from '../../src/failover/reach.ts'
import type { Client } from '../../src/forward/client.ts'
import type { Origin } from '../../src/forward/forwarded.ts'
import { Forwarder } from '../../src/forward/forwarder.ts'
import { Agents } from '../../src/health/agents.ts'
import { Probers } from '../../src/health/probers.ts'
import { Exchange } from '../../src/model/exchange.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { Route } from '../../src/model/route.ts'
import type { Random } from '../../src/time/random.ts'
import type { Connections } from '../../src/upstream/connections.ts'
import { Registry, type RunningGroup } from '../../src/upstream/registry.ts'
import type { Network } from './network.ts'
import { conditionCheck } from './probing.ts'
import type { World } from './world.ts'

/** Nobody is asked who they are. */
const openToAll: RouteSecurity = {
  authenticators: {
    of(kind) {
      throw new RangeError(kind)
    }
  },
  withheld: undefined
}

/** What became of one request. */
export interface End {
  /** Of the answer, the gateway's own included. */
  readonly status: number
  readonly startedAt: number
  readonly endedAt: number
  readonly attempts: number
}

export interface Ask {
  readonly method?: string
  /** Called each time that the gateway answers, which should be once. */
  ended(end: End): void
}

type Upstreams = NonNullable<ConfigInput['upstreams']>

/** What an upstream may say besides its targets. */
export type Policies = Omit<Upstreams[string], 'targets' | 'discovery'>

/** The name of a balancing algorithm. */
export type Algorithm = Extract<NonNullable<Policies['balance']>, string>

export interface GatewayOptions {
  /** As in a configuration file. All requests go to the first. */
  readonly upstreams: Upstreams
  /** Milliseconds that a request may take. */
  readonly timeoutMs?: number
  /** Lets a test see each plan at work. */
  readonly watchPlan?: (plan: Plan, exchange: Exchange) => Plan
}

/**
 * A gateway without its HTTP server: groups from a configuration, the steps of the hook chain in their order, and the forwarder,
 * all of them the gateway's own. Beyond the forwarder a network takes the place of connections.
 */
export class Gateway {
  readonly groups: readonly RunningGroup[]
  readonly route: Route
  readonly #world: World
  readonly #random: Random
  readonly #forwarder: Forwarder
  readonly #watchPlan: (plan: Plan, exchange: Exchange) => Plan

  /** Throws an Error with every problem of the configuration. `name` tells gateways of one world apart. */
  constructor(name: string, world: World, network: Network, options: GatewayOptions) {
    const { upstreams, timeoutMs = 15_000, watchPlan = (plan: Plan) => plan } = options
    const { scheduler, deadlines } = world
    const first = Object.keys(upstreams)[0]
    const parsed = parseConfig({ upstreams, routes: [{ prefix: '/', upstream: first, timeout: `${timeoutMs}ms` }] })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, undefined, 2))
    const { config } = parsed
    this.#world = world
    this.#random = world.chance(`gateway ${name}`)
    this.#watchPlan = watchPlan
    // Of the connections only this method is used.
    const connections = { to: (origin: string) => network.to(origin) } as unknown as Connections
    this.groups = buildGroups(config.upstreams, {
      files: { follow() {} },
      connections,
      random: this.#random,
      algorithms: builtInAlgorithms(),
      probers: new Probers({
        scheduler,
        random: this.#random,
        open: url => conditionCheck(scheduler, () => network.conditionOf(url))
      }),
      agents: new Agents({ scheduler }),
      deadlines,
      scheduler,
      observer: () => ({}),
      hedged() {},
      shed() {},
      turned() {}
    })
    const registry = new Registry(this.groups, connections)
    // A checked configuration has the route that it was given.
    this.route = buildRoute(config.routes[0]!, config, registry, openToAll)
    registry.start()
    const parts = { deadlines, clock: scheduler.now, wallClock: scheduler.now, random: this.#random }
    this.#forwarder = new Forwarder({ ...parts, tunnels: { open() {} } })
  }

  /** Sends a request; the result takes the client away before its answer. */
  ask({ method = 'GET', ended }: Ask): () => void {
    const startedAt = this.#world.now
    const group = this.groups[0]!.group
    const exchange = new Exchange('simulated', this.route, group, '/', '', startedAt)
    const end = (status: number) => {
      ended({ status, startedAt, endedAt: this.#world.now, attempts: exchange.attempts.length })
    }
    const client = new SimulatedClient(method, end)
    this.#admit(exchange, client)
    return () => client.leave()
  }

  /** As plugins/limiting.ts does. */
  #admit(exchange: Exchange, client: SimulatedClient): void {
    const { admission } = exchange.group
    if (admission === undefined) {
      this.#forward(exchange, client)
      return
    }
    const admit = () => this.#forward(exchange, client)
    const leave = admission.enter({ priority: 'default', admit, shed: () => client.send(503) }, this.#world.now)
    exchange.leave = leave
    client.onClose(() => leave(this.#world.now))
  }

  /** As plugins/circuit-breaking.ts, load-balancing.ts, failover.ts and forwarding.ts do, one after the other. */
  #forward(exchange: Exchange, client: SimulatedClient): void {
    const now = this.#world.now
    const random = this.#random
    exchange.reach = reach(exchange.group, exchange.candidates, now)
    if (exchange.reach === undefined) {
      client.send(503)
      return
    }
    const { group, candidates, open } = exchange.reach
    exchange.picked = group.selector.select(candidates, open, { now, random, retry: false, key: undefined })
    exchange.plan = this.#watchPlan(new FailoverPlan({ group, target: exchange.picked }, exchange, random), exchange)
    this.#forwarder.forward(exchange, exchange.plan, client)
  }
}

const origin: Origin = {
  requestId: 'simulated',
  peer: '127.0.0.1',
  trusted: false,
  protocol: 'http',
  host: 'gateway.test',
  httpVersion: '1.1',
  pseudonym: 'gateway',
  traceparent: ''
}

/** The client's side of an exchange, of which the forwarder sees no more than this. */
class SimulatedClient implements Client {
  readonly request: Client['request']
  readonly response: ServerResponse
  readonly origin = origin
  readonly ip = ''
  readonly #end: (status: number) => void
  readonly #closed: (() => void)[] = []
  #isClosed = false

  constructor(method: string, end: (status: number) => void) {
    this.#end = end
    this.request = { method, headers: {}, httpVersion: '1.1' } as Client['request']
    const response = { destroyed: false, prependListener: (_event: 'close', told: () => void) => this.onClose(told) }
    this.response = response as unknown as ServerResponse
  }

  /** When the client has left, or has its answer. */
  onClose(told: () => void): void {
    if (this.#isClosed) told()
    else this.#closed.push(told)
  }

  /** The client goes. */
  leave(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const told of this.#closed) told()
  }

  switched(): never {
    throw new Error('nobody asks for another protocol here')
  }

  send(status: number): void {
    this.#end(status)
    this.leave()
  }

  stream(): never {
    throw new Error('answers of this simulation are never streamed')
  }

  fail({ status }: { readonly status: number }): void {
    this.send(status)
  }
}
