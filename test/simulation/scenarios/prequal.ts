import type { Random } from '../../../src/time/random.ts'
import type { Scheduler } from '../../../src/time/scheduler.ts'
import { openLoop } from '../clients.ts'
import { exponential, normal } from '../distributions.ts'
import { fleet } from '../fleet.ts'
import { type Algorithm, Gateway } from '../gateway.ts'
import { Metrics } from '../metrics.ts'
import { SharedCpu } from '../shared-cpu.ts'
import { World } from '../world.ts'
import { bare } from './finagle.ts'

/** Load as a multiple of what the replicas are sure to get: nine steps, from 0.75 to 1.74. */
export const steps = Array.from({ length: 9 }, (_, index) => 0.75 * (10 / 9) ** index)
export const stepSeconds = 10

/** What a replica is sure to get, and what it has while its machine is idle otherwise, in processors. */
const allocated = 2
const roomy = 8
const meanPhaseMs = 10_000
const timeoutMs = 5000
/** Draws below 0 are drawn again, so the mean of what is left is above that of the whole curve. */
const workMs = 80
const meanWorkMs = workMs * 1.2876

export interface PrequalScale {
  readonly replicas: number
  /** Each knows of its own requests only. */
  readonly gateways: number
}

/**
 * Wydrowski et al., "Load is not what you should balance: introducing Prequal" (NSDI 2024), smaller: replicas that are sure of a
 * part of their machine and may use more of it while nobody else does, which changes every 10 s or so; work that varies as much
 * as its mean, clients that wait 5 s, and a load that rises past what the replicas are sure of. Metrics of each step.
 */
export function prequal(seed: number, algorithm: Algorithm, { replicas, gateways }: PrequalScale): readonly Metrics[] {
  const world = new World(seed)
  const { scheduler } = world
  const { network, servers, targets } = fleet(world, replicas, index => {
    return new SharedCpu(scheduler, allocated, normal(workMs, workMs, world.chance(`work ${index}`)))
  })
  for (const [index, server] of servers.entries()) disturb(scheduler, server, world.chance(`antagonist ${index}`))
  const upstreams = { replicas: { targets: [...targets], ...bare, balance: algorithm } }
  const all = Array.from({ length: gateways }, (_, index) => {
    return new Gateway(`${index}`, world, network, { upstreams, timeoutMs })
  })
  const runs = steps.map(() => new Metrics())
  const step = () => Math.min(steps.length - 1, Math.floor(world.now / (stepSeconds * 1000)))
  const unit = exponential(meanWorkMs / (replicas * allocated), world.chance('arrivals'))
  let turn = 0
  openLoop(
    scheduler,
    () => unit() / (steps[step()] ?? 1),
    steps.length * stepSeconds * 1000,
    () => {
      const run = runs[step()]
      all[turn++ % gateways]?.ask({ ended: end => run?.record(end) })
    }
  )
  world.run(steps.length * stepSeconds * 1000 + 2 * timeoutMs)
  return runs
}

/** Somebody else on the machine, who takes all that he may for a while and nothing for another. */
function disturb(scheduler: Scheduler, server: SharedCpu, random: Random): void {
  const phase = exponential(meanPhaseMs, random)
  let isTaken = random() < 0.5
  const turn = () => {
    isTaken = !isTaken
    server.cores = isTaken ? allocated : roomy
    scheduler.after(phase(), turn)
  }
  turn()
}
