import type { Random } from '../../../src/time/random.ts'
import { openLoop } from '../clients.ts'
import { type Draw, exponential } from '../distributions.ts'
import { fleet } from '../fleet.ts'
import { Gateway, type Policies } from '../gateway.ts'
import { Metrics } from '../metrics.ts'
import { DelayServer } from '../servers.ts'
import { World } from '../world.ts'
import { bare } from './finagle.ts'

export const usualMs = 10
export const slowMs = 1000
export const slowShare = 0.01
const seconds = 100
const perSecond = 500

/** What a target's answers take; `now` tells since when the run has been going on. */
export type Latency = (random: Random, now: () => number) => Draw

/** Every hundredth answer takes a second, at random and at any target, all others 10 ms. */
export const seldomSlow: Latency = random => () => (random() < slowShare ? slowMs : usualMs)

/**
 * Dean and Barroso, "The tail at scale" (CACM 56(2), 2013), for one request: ten targets whose answers are slow by chance, not by
 * load, and independently of each other. What a rival at another target brings can be computed.
 */
export function hedging(seed: number, hedge: NonNullable<Policies['hedge']>, latency: Latency = seldomSlow): Metrics {
  const world = new World(seed)
  const metrics = new Metrics()
  const { network, targets } = fleet(world, 10, index => {
    return new DelayServer(world.scheduler, latency(world.chance(`target ${index}`), world.scheduler.now))
  })
  const policies: Policies = { ...bare, balance: 'random', hedge }
  const gateway = new Gateway('a', world, network, { upstreams: { f: { targets: [...targets], ...policies } } })
  const gap = exponential(1000 / perSecond, world.chance('arrivals'))
  openLoop(world.scheduler, gap, seconds * 1000, () => void gateway.ask({ ended: end => metrics.record(end) }))
  world.run(seconds * 1000 + 20_000)
  return metrics
}
