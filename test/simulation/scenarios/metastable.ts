import { openLoop } from '../clients.ts'
import { exponential } from '../distributions.ts'
import { fleet } from '../fleet.ts'
import { Gateway, type Policies } from '../gateway.ts'
import { Metrics } from '../metrics.ts'
import { QueueServer } from '../servers.ts'
import { World } from '../world.ts'

export const seconds = 120
export const outage = [30_000, 40_000] as const
export const capacityPerSecond = 300
export const offeredPerSecond = 280
const timeoutMs = 1000

const nothing = { breaker: false, outliers: false, timeouts: { response: '1s' } } as const

/** What the gateway does about it, by name. */
export const defences = {
  'one retry, whatever happens': { ...nothing, retry: { attempts: 2, budget: 1 } },
  'no retries': { ...nothing, retry: { attempts: 1 } },
  'one retry within a budget of 10 %': { ...nothing, retry: { attempts: 2, budget: 0.1 } },
  'a fixed limit of 60 under way': { ...nothing, retry: { attempts: 2, budget: 1 }, limits: { concurrency: 60 } },
  'an adaptive limit': { ...nothing, retry: { attempts: 2, budget: 1 }, limits: { concurrency: 'adaptive' } },
  'a breaker': { ...nothing, breaker: {}, retry: { attempts: 2, budget: 1 } },
  'everything as it is when nothing is configured': { timeouts: { response: '1s' } }
} satisfies Record<string, Policies>

export type Defence = keyof typeof defences

/**
 * Bronson et al., "Metastable failures in distributed systems" (HotOS 2021): a service that can do 300 requests a second is
 * asked 280 a second, and stops for 10 s. Its clients wait a second and, where they may, try once more. It works through its
 * queue in order, also for those who have left.
 */
export function metastable(seed: number, defence: Defence): Metrics {
  const world = new World(seed)
  const metrics = new Metrics()
  const { network, targets } = fleet(world, 1, () => {
    const serviceMs = exponential(1000 / capacityPerSecond, world.chance('service'))
    return new QueueServer(world.scheduler, { workers: 1, serviceMs, outage })
  })
  const gateway = new Gateway('a', world, network, {
    upstreams: { database: { targets: [...targets], ...defences[defence] } },
    timeoutMs: 2 * timeoutMs + 500
  })
  const gap = exponential(1000 / offeredPerSecond, world.chance('arrivals'))
  openLoop(world.scheduler, gap, seconds * 1000, () => void gateway.ask({ ended: end => metrics.record(end) }))
  world.run(seconds * 1000 + 5000)
  return metrics
}
