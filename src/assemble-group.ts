import type { CircuitConfig, OutlierConfig, UpstreamConfig } from '../config/types.ts'
import type { PickerFactory } from './balance/algorithms.ts'
import { SlowStart } from './balance/slow-start.ts'
import { type Warmth, warmed } from './balance/warm.ts'
import { Breaker } from './breaker/breaker.ts'
import type { CircuitOptions } from './breaker/circuit.ts'
import { GroupBreaker } from './breaker/group-breaker.ts'
import { GroupSelector } from './failover/group-selector.ts'
import { Nearest } from './failover/nearest.ts'
import { RetryBudget } from './failover/retry-budget.ts'
import { defaultTierOptions, Tiers } from './failover/tiers.ts'
import { HealthGate } from './health/health-gate.ts'
import type { Probers } from './health/probers.ts'
import { Hedge, type HedgeResult } from './hedge/hedge.ts'
import { AdaptiveLimit, fixedLimit } from './limit/adaptive-limit.ts'
import { Admission, type ShedReason } from './limit/admission.ts'
import { TargetLimit } from './limit/target-limit.ts'
import type { AttemptObserver } from './model/attempt.ts'
import { Gates } from './model/gate.ts'
import type { Group, RetryRules } from './model/group.ts'
import { PerTarget, type Target } from './model/target.ts'
import { type EjectionWatcher, Ejector, type EjectorOptions } from './outlier/ejector.ts'
import { Telemetry } from './telemetry/telemetry.ts'
import type { Deadlines } from './time/deadlines.ts'
import type { Random } from './time/random.ts'
import type { Connections } from './upstream/connections.ts'
import { Maintenance } from './upstream/maintenance.ts'
import { Pace } from './upstream/pace.ts'
import type { RunningGroup } from './upstream/registry.ts'
import { Traffic } from './upstream/traffic.ts'

/** What groups are made with, besides their configuration. */
export interface GroupParts {
  readonly connections: Connections
  readonly algorithms: ReadonlyMap<string, PickerFactory>
  readonly random: Random
  /** Told of every attempt of a group, besides its policies: metrics. */
  observer(group: string): AttemptObserver
  /** Where this gateway stands; undefined: nowhere in particular. */
  readonly zone?: string | undefined
  readonly probers: Probers
  readonly deadlines: Deadlines
  /** Told of every request that was not let in. */
  shed(group: string, reason: ShedReason): void
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

/** An adaptive limit never goes below so many for each target. */
const leastPerTarget = 4

/** Puts a group together: its targets, its policies, and the connections to them. `fallback` takes over when none is left. */
function buildGroup(config: UpstreamConfig, parts: GroupParts, fallback?: RunningGroup): RunningGroup {
  const { name, breaker, outliers, limits } = config
  const { random } = parts
  const targets = config.targets.map((target): Target => Object.freeze({ ...target }))
  const traffic = new Traffic()
  const pace = new Pace()
  const telemetry = new Telemetry()
  const maintenance = new Maintenance()
  const slowStart = new SlowStart(config.slowStart)
  const breakers = breaker === false ? undefined : new Breaker(targets, circuitOf(breaker), random)
  const groupBreaker =
    breaker === false || breaker.group === false ? undefined : new GroupBreaker(circuitOf(breaker.group), random)
  // The gates are asked whether another target is left, which one of them asks before it takes one out.
  const isUsable = (target: Target, now: number) => gates.complaint(target, now) === undefined
  const ejector =
    outliers === false ? undefined : new Ejector(targets, ejectorOf(outliers), random, isUsable, watcherOf(telemetry, slowStart))
  const health =
    config.health === false ? undefined : new HealthGate(targets, { settings: config.health, tls: config.tls }, parts.probers)
  if (health !== undefined) attend(health, telemetry, slowStart, ejector)
  const targetLimit = limits.perTarget > 0 ? new TargetLimit(limits.perTarget, traffic.inFlight) : undefined
  const gates: Gates = new Gates(
    [maintenance, health, ejector, breakers, groupBreaker, targetLimit].filter(gate => gate !== undefined),
    { panicShare: config.failover.panic, targets, isDrained: target => maintenance.orderFor(target) !== undefined }
  )
  const picker = warmed(pickerOf(config, targets, parts, traffic, telemetry), warmthOf(slowStart, breakers))
  const tiers = new Tiers({
    ...defaultTierOptions,
    spill: config.failover.spill,
    failback: config.failover.failback,
    zone: parts.zone
  })
  const hedge = config.hedge === false ? undefined : new Hedge(config.hedge, result => parts.hedged(name, result))
  const admission = admissionOf(config, parts)
  const observers = [
    traffic,
    pace,
    telemetry,
    ejector,
    breakers,
    groupBreaker,
    health,
    hedge,
    admission,
    picker.observer,
    parts.observer(name)
  ]
  const dispatchers = new PerTarget(target =>
    parts.connections.to(target.url, { connectMs: config.timeouts.connect, ...config.tls })
  )
  const members = new Set(targets)
  const group: Group = {
    name,
    targets,
    candidates: fallback === undefined ? targets : [...targets, ...fallback.group.candidates],
    has: target => members.has(target),
    ...(fallback === undefined ? {} : { fallback: fallback.group }),
    picker,
    selector: new GroupSelector(picker, tiers, nearestOf(config, telemetry, traffic)),
    gates,
    observers: observers.filter(observer => observer !== undefined),
    retry: retryOf(config.retry),
    budget: new RetryBudget(config.retry.budget),
    ...(admission === undefined ? {} : { admission }),
    ...(hedge === undefined ? {} : { hedging: hedge }),
    timeouts: { connectMs: config.timeouts.connect, responseMs: config.timeouts.response, idleMs: config.timeouts.idle },
    typicalMs: now => pace.typicalMs(now),
    dispatcher: target => dispatchers.of(target)
  }
  return { group, traffic, telemetry, maintenance, health, breaker: breakers, ejection: ejector, failback: () => tiers.release() }
}

function pickerOf(
  { balance }: UpstreamConfig,
  targets: readonly Target[],
  { algorithms }: GroupParts,
  traffic: Traffic,
  telemetry: Telemetry
) {
  const factory = algorithms.get(balance.algorithm)
  if (factory === undefined) throw new RangeError(`no balancing algorithm is named ${balance.algorithm}`)
  return factory({ targets, inFlight: traffic.inFlight, telemetry, by: balance.by, bounded: balance.bounded })
}

/** A target that comes back, from wherever it was, is spared for a while. */
const warmthOf = (slowStart: SlowStart, breaker: Breaker | undefined): Warmth => ({
  get quiet() {
    return slowStart.quiet && (breaker?.quiet ?? true)
  },
  of: (target, now) => Math.min(slowStart.of(target, now), breaker?.warmth(target, now) ?? 1)
})

/** What a target was like while it was well is kept until everybody says that it is well again. */
const watcherOf = (telemetry: Telemetry, slowStart: SlowStart): EjectionWatcher => ({
  ejected: target => telemetry.freeze(target, 'ejection'),
  returned: (target, now) => {
    telemetry.thaw(target, 'ejection')
    slowStart.returned(target, now)
  }
})

/** Who hears what the active checks find. */
function attend(health: HealthGate, telemetry: Telemetry, slowStart: SlowStart, ejector: Ejector | undefined): void {
  health.onVector((target, vector, now) => telemetry.report(target, vector, now))
  health.onChange((target, state, now, before) => {
    if (state === 'failing') telemetry.freeze(target, 'health')
    else telemetry.thaw(target, 'health')
    if (state === 'passing' && before === 'failing') slowStart.returned(target, now)
  })
  health.onPass((target, now) => ejector?.passedCheck(target, now))
}

function nearestOf({ failover, limits }: UpstreamConfig, telemetry: Telemetry, traffic: Traffic): Nearest | undefined {
  if (failover.order !== 'nearest') return undefined
  const { k, metric } = failover
  return new Nearest({ k, metric }, { telemetry, inFlight: traffic.inFlight, limitPerTarget: limits.perTarget })
}

function admissionOf({ name, limits, targets }: UpstreamConfig, { deadlines, shed }: GroupParts): Admission | undefined {
  if (limits.concurrency === 0) return undefined
  const limit =
    limits.concurrency === 'adaptive' ? new AdaptiveLimit(leastPerTarget * targets.length) : fixedLimit(limits.concurrency)
  return new Admission({ limit, queue: limits.queue, queueMs: limits.queueTime }, deadlines, reason => shed(name, reason))
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
