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
  const count = 2 + below(random, 6)
  const spares = below(random, 3)
  const conditions = Array.from({ length: count + spares }, () => randomConditions(random))
  const { network, targets } = fleet(
    world,
    count + spares,
    index => {
      const mostMs = 10 + (slowestMs - 11) * random()
      const latency = world.chance(`server ${index}`)
      return new DelayServer(scheduler, () => 1 + mostMs * latency())
    },
    (index, now) => conditions[index]?.(now) ?? 'well'
  )
  const policies = randomPolicies(random)
  const timeoutMs = 500 + below(random, 2500)
  const own = { ...policies, targets: randomTargets(random, targets.slice(0, count)) }
  const spare = { ...randomPolicies(random), targets: targets.slice(count) }
  const upstreams = spares === 0 ? { own } : { own: { ...own, failover: { ...own.failover, group: 'spare' } }, spare }
  const plans = new PlanReferee(rulesOf(policies), ledger)
  const gateway = new Gateway('a', world, network, {
    upstreams,
    timeoutMs,
    watchPlan: (plan, exchange) => plans.watch(plan, exchange, world.now)
  })
  const referees = gateway.groups.map(running => new AttemptReferee(running, ledger))

  let requests = 0
  let attempts = 0
  const longestMs = timeoutMs + durationMs(policies.limits?.queueTime) + 2 * sweepMs
  const ask = () => {
    requests++
    let ends = 0
    let hasLeft = false
    const ended = (end: End) => {
      ends++
      attempts += end.attempts
      const tookMs = end.endedAt - end.startedAt
      ledger.check(ends === 1 && !hasLeft, () => `a request ends ${ends} times${hasLeft ? ', after its client has left' : ''}`)
      ledger.check(tookMs <= longestMs, () => `a request takes ${tookMs} ms, but may take ${longestMs} ms`)
      ledger.check(world.now < troubleMs + calmMs / 2 || end.status < 500, () => `${end.status} long after all was well`)
    }
    const leave = gateway.ask({ method: oneOf(random, ['GET', 'GET', 'GET', 'POST', 'PUT']), ended })
    const isImpatient = random() < 0.1
    if (isImpatient)
      scheduler.after(random() * 1000, () => {
        hasLeft = ends === 0
        leave()
      })
    else
      scheduler.after(longestMs + sweepMs, () =>
        ledger.check(ends === 1, () => `a request of ${longestMs} ms ago ends ${ends} times`)
      )
  }
  openLoop(scheduler, exponential(4 + 20 * random(), random), troubleMs, ask)
  scheduler.after(troubleMs, () => openLoop(scheduler, exponential(100, random), calmMs, ask))
  world.run(troubleMs + calmMs + 20_000)
  for (const referee of referees) referee.finish(world.now)
  return { broken: ledger.broken, requests, attempts, policies }
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
