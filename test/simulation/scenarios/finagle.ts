import { openLoop } from '../clients.ts'
import { constant, normal } from '../distributions.ts'
import { fleet } from '../fleet.ts'
import { type Algorithm, Gateway, type Policies } from '../gateway.ts'
import { Metrics } from '../metrics.ts'
import { DelayServer } from '../servers.ts'
import { World } from '../world.ts'

export const seconds = 60
export const slowFrom = 15_000
export const slowUntil = 45_000
const patienceMs = 1000

/** Only the algorithm decides: nothing is taken out, and nothing is tried again. */
export const bare: Policies = { breaker: false, outliers: false, retry: { attempts: 1 } }

/**
 * Buoyant, "Beyond round robin: load balancing for latency" (2016), as Finagle's simulator plays it: 11 backends that answer in
 * 167 ms (deviation 5 ms), 1000 requests a second for a minute, and after 15 s one backend that takes 2 s for 30 s. Clients that
 * have waited 1 s count as lost, but nobody gives an attempt up.
 */
export function finagle(seed: number, algorithm: Algorithm, policies: Policies = bare): Metrics {
  const world = new World(seed)
  const metrics = new Metrics(patienceMs)
  const { network, targets } = fleet(world, 11, index => {
    const usualMs = normal(167, 5, world.chance(`backend ${index}`))
    const isSlow = () => index === 0 && world.now >= slowFrom && world.now < slowUntil
    return new DelayServer(world.scheduler, () => (isSlow() ? 2000 : usualMs()))
  })
  const gateway = new Gateway('a', world, network, {
    upstreams: { backends: { targets: [...targets], ...policies, balance: algorithm } }
  })
  openLoop(world.scheduler, constant(1), seconds * 1000, () => void gateway.ask({ ended: end => metrics.record(end) }))
  world.run(seconds * 1000 + 16_000)
  return metrics
}
