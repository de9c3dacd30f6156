import type { Random } from '../../../src/time/random.ts'
import type { Scheduler } from '../../../src/time/scheduler.ts'
import type { RunningGroup } from '../../../src/upstream/registry.ts'
import { below, oneOf } from '../../unit/fixtures/seed.ts'
import { openLoop } from '../clients.ts'
import { exponential } from '../distributions.ts'
import { fleet } from '../fleet.ts'
import { type End, Gateway, type Policies } from '../gateway.ts'
import { PlanReferee, type Rules } from '../plan-referee.ts'
import { AttemptReferee, Ledger } from '../referee.ts'
import { DelayServer } from '../servers.ts'
import { World } from '../world.ts'
import { calmMs, randomConditions, randomPolicies, randomTargets, slowestMs, troubleMs } from './random.ts'

/** Deadlines are looked at every 10 ms. */
const sweepMs = 10

/** What came of one run. */
export interface Trouble {
  /** What was against the rules. */
  readonly broken: readonly string[]
  readonly requests: number
  readonly attempts: number
  /** For whoever looks for the reason. */
  readonly policies: Policies
}

/** Servers that fail in every way at random, behind a gateway with random policies; then all is well, and the traffic light. */
export function trouble(seed: number): Trouble {
  const world = new World(seed)
  const { scheduler } = world
  const random = world.chance('scenario')
  const ledger = new Ledger(scheduler.now)
  const { gateway, policies, longestMs, referees } = opened(world, ledger, random)
  for (const running of gateway.groups) operate(running, scheduler, random)
  const clients = new Clients(world, gateway, ledger, longestMs, random)
  openLoop(scheduler, exponential(4 + 20 * random(), random), troubleMs, () => clients.send())
  scheduler.after(troubleMs, () => openLoop(scheduler, exponential(100, random), calmMs, () => clients.send()))
  world.run(troubleMs + calmMs + 20_000)
  for (const referee of referees) referee.finish(world.now)
  return { broken: ledger.broken, requests: clients.requests, attempts: clients.attempts, policies }
}

/** Servers, a gateway before them, and a referee beside each of its groups. */
function opened(world: World, ledger: Ledger, random: Random) {
  const count = 2 + below(random, 6)
  const spares = below(random, 3)
  const conditions = Array.from({ length: count + spares }, () => randomConditions(random))
  const create = (index: number) => {
    const mostMs = 10 + (slowestMs - 11) * random()
    const latency = world.chance(`server ${index}`)
    return new DelayServer(world.scheduler, () => 1 + mostMs * latency())
  }
  const { network, targets } = fleet(world, count + spares, create, (index, now) => conditions[index]?.(now) ?? 'well')
  const policies = randomPolicies(random)
  const timeoutMs = slowestMs + 50 + below(random, 1500)
  const own = { ...policies, targets: randomTargets(random, targets.slice(0, count)) }
  const spare = { ...randomPolicies(random), targets: targets.slice(count) }
  const upstreams = spares === 0 ? { own } : { own: { ...own, failover: { ...own.failover, group: 'spare' } }, spare }
  const plans = new PlanReferee(rulesOf(policies), ledger)
  const gateway = new Gateway('a', world, network, {
    upstreams,
    timeoutMs,
    watchPlan: (plan, exchange) => plans.watch(plan, exchange, world.now)
  })
  const referees = gateway.groups.map(running => {
    const { outliers } = running.group.name === 'own' ? own : spare
    return new AttemptReferee(running, mostEjected(outliers, running.group.targets.length), ledger)
  })
  return { gateway, policies, referees, longestMs: timeoutMs + durationMs(policies.limits?.queueTime) + 2 * sweepMs }
}

/** They ask, some leave before their answer, and all of them note how it ends. */
class Clients {
  requests = 0
  attempts = 0
  readonly #world: World
  readonly #gateway: Gateway
  readonly #ledger: Ledger
  readonly #longestMs: number
  readonly #random: Random

  constructor(world: World, gateway: Gateway, ledger: Ledger, longestMs: number, random: Random) {
    this.#world = world
    this.#gateway = gateway
    this.#ledger = ledger
    this.#longestMs = longestMs
    this.#random = random
  }

  send(): void {
    this.requests++
    let ends = 0
    let hasLeft = false
    const { scheduler } = this.#world
    const ended = (end: End) => {
      ends++
      this.#ledger.check(ends === 1 && !hasLeft, () => `a request ends ${ends} times${hasLeft ? ', after its client left' : ''}`)
      this.#checkEnd(end)
    }
    const leave = this.#gateway.ask({ method: oneOf(this.#random, ['GET', 'GET', 'GET', 'POST', 'PUT']), ended })
    if (this.#random() < 0.1) {
      scheduler.after(this.#random() * 1000, () => {
        hasLeft = ends === 0
        leave()
      })
      return
    }
    const longestMs = this.#longestMs
    const overdue = () => this.#ledger.check(ends === 1, () => `a request of ${longestMs} ms ago has ended ${ends} times`)
    scheduler.after(longestMs + sweepMs, overdue)
  }

  #checkEnd({ status, startedAt, endedAt, attempts }: End): void {
    this.attempts += attempts
    const tookMs = endedAt - startedAt
    this.#ledger.check(tookMs <= this.#longestMs, () => `a request takes ${tookMs} ms, but may take ${this.#longestMs} ms`)
    this.#ledger.check(endedAt < troubleMs + calmMs / 2 || status < 500, () => `${status} long after all was well`)
  }
}

/** An operator takes a target out for a while, and ejects another. */
function operate({ group, maintenance, ejection }: RunningGroup, scheduler: Scheduler, random: Random): void {
  const drained = oneOf(random, group.targets)
  const ejected = oneOf(random, group.targets)
  const from = random() * troubleMs
  scheduler.after(from, () => maintenance.drain(drained, 'the operator', '2026-01-01T00:00:00Z'))
  scheduler.after(from + random() * (troubleMs - from), () => maintenance.enable(drained, scheduler.now()))
  scheduler.after(random() * troubleMs, () => ejection?.ejectByHand(ejected, 'the operator', scheduler.now()))
}

/** The share of the targets, rounded down, but at least one. */
function mostEjected(outliers: Policies['outliers'], targets: number): number {
  return typeof outliers === 'object' ? Math.max(1, Math.floor((outliers.maxShare ?? 0.5) * targets)) : 0
}

/** Of a text such as 20ms. */
const durationMs = (text: string | 0 | undefined) => Number.parseInt(String(text ?? 100), 10)

function rulesOf({ retry, failover }: Policies): Rules {
  return {
    budget: retry?.budget ?? 0.1,
    attempts: retry?.attempts ?? 3,
    unsafe: retry?.unsafe === true,
    spill: failover?.spill ?? 1.4,
    holdsTiers: failover?.failback !== undefined && failover.failback !== 'gradual'
  }
}
