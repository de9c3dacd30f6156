import type { Random } from '../../../src/time/random.ts'
import { below, oneOf } from '../../unit/fixtures/seed.ts'
import { exponential } from '../distributions.ts'
import type { Policies } from '../gateway.ts'
import type { Condition } from '../network.ts'

/** How long things go wrong, and how long nothing does after that. */
export const troubleMs = 10_000
export const calmMs = 20_000
/** The longest that a server takes while it is well. */
export const slowestMs = 130

const algorithms = [
  'round-robin',
  'random',
  'first',
  'least-connections',
  'least-time',
  'two-choices',
  'peak-ewma',
  'prequal',
  'hash',
  'maglev'
] as const

/** Truth with the given chance. */
const chance = (random: Random, share: number) => random() < share
const between = (random: Random, least: number, most: number) => least + below(random, most - least + 1)
const ms = (count: number) => `${count}ms` as const
const share = (random: Random) => Math.round(random() * 100) / 100

/** Any policies that a user might write, with times short enough for much to happen in a run. */
export function randomPolicies(random: Random): Policies {
  const circuit = () => ({
    failureShare: 0.2 + 0.7 * random(),
    minimum: between(random, 1, 20),
    window: ms(between(random, 500, 4000)),
    open: ms(between(random, 200, 2000)),
    slow: chance(random, 0.3) ? ms(between(random, slowestMs + 20, 400)) : ms(0),
    probes: between(random, 1, 5)
  })
  return {
    balance: oneOf(random, algorithms),
    breaker: chance(random, 0.2) ? false : { ...circuit(), ...(chance(random, 0.2) ? { group: circuit() } : {}) },
    outliers: chance(random, 0.3)
      ? false
      : {
          consecutive: between(random, 1, 8),
          eject: ms(between(random, 200, 3000)),
          maxEject: ms(5000),
          maxShare: share(random)
        },
    retry: {
      attempts: between(random, 1, 5),
      on: [...(['connect', 'reset', 'timeout', 502, 503, 504] as const)].filter(() => chance(random, 0.8)),
      budget: 0.5 * share(random),
      backoff: [ms(between(random, 0, 50)), ms(between(random, 50, 500))],
      unsafe: chance(random, 0.2)
    },
    hedge: chance(random, 0.7) ? false : { after: oneOf(random, ['p90', 'p95', ms(30)] as const), budget: 0.2 * share(random) },
    failover: {
      order: chance(random, 0.2) ? 'nearest' : 'balance',
      panic: chance(random, 0.4) ? 0 : share(random),
      spill: 1 + share(random),
      failback: oneOf(random, ['gradual', 'gradual', 'delayed', 'manual'] as const)
    },
    limits: {
      concurrency: oneOf(random, [0, 0, 'adaptive', between(random, 8, 40)] as const),
      perTarget: chance(random, 0.7) ? 0 : between(random, 8, 30),
      queue: between(random, 0, 50),
      queueTime: ms(between(random, 0, 200))
    },
    slowStart: ms(chance(random, 0.5) ? 0 : between(random, 100, 3000)),
    timeouts: { connect: ms(between(random, 100, 400)), response: ms(between(random, 200, 600)) },
    ...(chance(random, 0.5) ? {} : { health: { interval: ms(between(random, 200, 1000)), timeout: ms(100), fall: 2, rise: 2 } })
  }
}

/** Origins with weights, in tiers of which the lowest has some. */
export function randomTargets(random: Random, origins: readonly string[]) {
  const tiers = between(random, 1, 3)
  return origins.map((url, index) => ({
    url,
    weight: between(random, 1, 5),
    tier: index === 0 ? 0 : below(random, tiers)
  }))
}

const conditions: readonly Condition[] = [
  'refusing',
  'unreachable',
  'silent',
  'resetting',
  'breaking',
  { status: 500 },
  { status: 503 },
  { status: 503, headers: { 'retry-after': '1' } },
  { status: 404 }
]

/** What a place in the network is like at each moment: well and not, in turns, and well once the trouble is over. */
export function randomConditions(random: Random): (now: number) => Condition {
  const wellMs = exponential(200 + 4000 * random(), random)
  const badMs = exponential(100 + 2000 * random(), random)
  const turns: { readonly at: number; readonly condition: Condition }[] = []
  for (let at = wellMs(); at < troubleMs; at += wellMs()) {
    turns.push({ at, condition: oneOf(random, conditions) })
    at += badMs()
    turns.push({ at, condition: 'well' })
  }
  return now => (now >= troubleMs ? 'well' : (turns.findLast(turn => turn.at <= now)?.condition ?? 'well'))
}
