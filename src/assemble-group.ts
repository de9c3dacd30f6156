import type { CircuitConfig, OutlierConfig, UpstreamConfig } from '../config/types.ts'
import type { PickerFactory } from './balance/algorithms.ts'
import { Breaker } from './breaker/breaker.ts'
import type { CircuitOptions } from './breaker/circuit.ts'
import { GroupBreaker } from './breaker/group-breaker.ts'
import { GroupSelector } from './failover/group-selector.ts'
import { RetryBudget } from './failover/retry-budget.ts'
import { defaultTierOptions, Tiers } from './failover/tiers.ts'
import { Hedge, type HedgeResult } from './hedge/hedge.ts'
import type { AttemptObserver } from './model/attempt.ts'
import { Gates } from './model/gate.ts'
import type { Group, RetryRules } from './model/group.ts'
import { PerTarget, type Target } from './model/target.ts'
import { Ejector, type EjectorOptions } from './outlier/ejector.ts'
import type { Random } from './time/random.ts'
import type { Connections } from './upstream/connections.ts'
import { Maintenance } from './upstream/maintenance.ts'
import type { RunningGroup } from './upstream/registry.ts'
import { Traffic } from './upstream/traffic.ts'

/** What groups are made with, besides their configuration. */
export interface GroupParts {
  readonly connections: Connections
  readonly algorithms: ReadonlyMap<string, PickerFactory>
  readonly random: Random
  /** Told of every attempt of a group, besides its policies: metrics. */
  observer(group: string): AttemptObserver
  /** Told what became of each hedge. */
  hedged(group: string, result: HedgeResult): void
}

/** Every group, in the order of the configuration; fallback groups are made before those that they serve. */
export function buildGroups(configs: readonly UpstreamConfig[], parts: GroupParts): RunningGroup[] {
  const byName = new Map(configs.map(config => [config.name, config]))
  const built = new Map<string, RunningGroup>()
  const build = (config: UpstreamConfig): RunningGroup => {
    const known = built.get(config.name)
    if (known !== undefined) return known
    // A checked configuration names groups that exist, and none that leads back to itself.
    const fallback = config.failover.group === undefined ? undefined : byName.get(config.failover.group)
    const running = buildGroup(config, parts, fallback && build(fallback))
    built.set(config.name, running)
    return running
  }
  return configs.map(build)
}

/** Puts a group together: its targets, its policies, and the connections to them. `fallback` takes over when none is left. */
function buildGroup(config: UpstreamConfig, parts: GroupParts, fallback?: RunningGroup): RunningGroup {
  const targets = config.targets.map((target): Target => Object.freeze({ ...target }))
  const { breaker, outliers } = config
  const traffic = new Traffic()
  const maintenance = new Maintenance()
  const breakers = breaker === false ? undefined : new Breaker(targets, circuitOf(breaker), parts.random)
  const groupBreaker =
    breaker === false || breaker.group === false ? undefined : new GroupBreaker(circuitOf(breaker.group), parts.random)
  // The gates are asked whether another target is left, which one of them asks before it takes one out.
  const ejector =
    outliers === false
      ? undefined
      : new Ejector(targets, ejectorOf(outliers), parts.random, (target, now) => gates.complaint(target, now) === undefined)
  const policies = [maintenance, ejector, breakers, groupBreaker].filter(policy => policy !== undefined)
  const gates: Gates = new Gates(policies, {
    panicShare: config.failover.panic,
    targets,
    isDrained: target => maintenance.orderFor(target) !== undefined
  })
  const picker = pickerOf(config, parts, traffic, targets)
  const hedge = config.hedge === false ? undefined : new Hedge(config.hedge, result => parts.hedged(config.name, result))
  const tiers = new Tiers({ ...defaultTierOptions, spill: config.failover.spill, failback: config.failover.failback })
  const connection = { connectMs: config.timeouts.connect, ...config.tls }
  const dispatchers = new PerTarget(target => parts.connections.to(target.url, connection))
  const members = new Set(targets)
  const group: Group = {
    name: config.name,
    targets,
    candidates: fallback === undefined ? targets : [...targets, ...fallback.group.candidates],
    has: target => members.has(target),
    ...(fallback === undefined ? {} : { fallback: fallback.group }),
    picker,
    selector: new GroupSelector(picker, tiers),
    gates,
    observers: [traffic, ejector, breakers, groupBreaker, hedge, picker.observer, parts.observer(config.name)].filter(
      each => each !== undefined
    ),
    retry: retryOf(config.retry),
    budget: new RetryBudget(config.retry.budget),
    ...(hedge === undefined ? {} : { hedging: hedge }),
    timeouts: { connectMs: config.timeouts.connect, responseMs: config.timeouts.response, idleMs: config.timeouts.idle },
    dispatcher: target => dispatchers.of(target)
  }
  return { group, traffic, maintenance, breaker: breakers, ejection: ejector, failback: () => tiers.release() }
}

function pickerOf({ balance }: UpstreamConfig, { algorithms }: GroupParts, traffic: Traffic, targets: readonly Target[]) {
  const factory = algorithms.get(balance.algorithm)
  if (factory === undefined) throw new RangeError(`no balancing algorithm is named ${balance.algorithm}`)
  return factory({ targets, inFlight: traffic.inFlight, by: balance.by })
}

const circuitOf = ({ failureShare, minimum, window, open, slow, probes }: CircuitConfig): CircuitOptions => {
  return { failureShare, minimum, windowMs: window, openMs: open, slowMs: slow, probes }
}

const ejectorOf = ({ consecutive, eject, maxEject, maxShare }: OutlierConfig): EjectorOptions => {
  return { consecutive, ejectMs: eject, maxEjectMs: maxEject, maxShare }
}

function retryOf({ attempts, on, backoff, unsafe }: UpstreamConfig['retry']): RetryRules {
  return { attempts, on: new Set(on), backoffMs: [backoff[0], backoff[1]], unsafe }
}
