import type { UpstreamConfig } from '../config/types.ts'
import { buildDefences, type Defences } from './assemble-defences.ts'
import type { HealthParts } from './assemble-health.ts'
import type { PickerFactory } from './balance/algorithms.ts'
import { SlowStart } from './balance/slow-start.ts'
import { type Warmth, warmed } from './balance/warm.ts'
import { GroupSelector } from './failover/group-selector.ts'
import { Nearest } from './failover/nearest.ts'
import { reach } from './failover/reach.ts'
import { RetryBudget } from './failover/retry-budget.ts'
import { defaultTierOptions, Tiers, type Whole } from './failover/tiers.ts'
import { Hedge, type HedgeResult } from './hedge/hedge.ts'
import { AdaptiveLimit, fixedLimit } from './limit/adaptive-limit.ts'
import { Admission, type ShedReason } from './limit/admission.ts'
import { Throttle } from './limit/throttle.ts'
import type { AttemptObserver } from './model/attempt.ts'
import type { Group, RetryRules } from './model/group.ts'
import type { PemFollower } from './model/pem.ts'
import { PerTarget, type Target } from './model/target.ts'
import type { Turn } from './model/turn.ts'
import { Telemetry } from './telemetry/telemetry.ts'
import type { Deadlines } from './time/deadlines.ts'
import type { Random } from './time/random.ts'
import type { Scheduler } from './time/scheduler.ts'
import { liveTls } from './transport/live-tls.ts'
import type { Connections } from './upstream/connections.ts'
import { Pace } from './upstream/pace.ts'
import type { RunningGroup } from './upstream/registry.ts'
import { Traffic } from './upstream/traffic.ts'

/** What groups are made with, besides their configuration. */
export interface GroupParts extends HealthParts {
  readonly connections: Connections
  /** Tells of certificates that are renewed. */
  readonly files: PemFollower
  readonly algorithms: ReadonlyMap<string, PickerFactory>
  readonly random: Random
  /** Told of every attempt of a group, besides its policies: metrics. */
  observer(group: string): AttemptObserver
  /** Where this gateway stands; undefined: nowhere in particular. */
  readonly zone?: string | undefined
  readonly deadlines: Deadlines
  readonly scheduler: Scheduler
  /** Told when a target goes out, and when it is back. */
  turned(turn: Turn): void
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
  const { name, timeouts } = config
  const targets = config.targets.map((target): Target => Object.freeze({ ...target }))
  const tls = liveTls(config.tls, parts.files)
  const traffic = new Traffic()
  const pace = new Pace()
  const telemetry = new Telemetry()
  const slowStart = new SlowStart(config.slowStart)
  const hasFallback = (now: number) =>
    fallback !== undefined && reach(fallback.group, fallback.group.candidates, now) !== undefined
  const defences = buildDefences(
    config,
    targets,
    { ...parts, tls },
    {
      inFlight: traffic.inFlight,
      telemetry,
      slowStart,
      hasFallback,
      turned: (by, target, why) => parts.turned({ upstream: name, by, target, why })
    }
  )
  const picker = warmed(pickerOf(config, targets, parts, traffic, telemetry), warmthOf(slowStart, defences))
  const tiers = tiersOf(config, parts, { targets, open: now => defences.gates.open(targets, now) })
  const hedge =
    config.hedge === false ? undefined : new Hedge(config.hedge, parts.scheduler, result => parts.hedged(name, result))
  const admission = admissionOf(config, parts)
  const dispatchers = new PerTarget(target =>
    parts.connections.to(target.url, { connectMs: timeouts.connect, tls, protocol: config.protocol })
  )
  const members = new Set(targets)
  const observers = [traffic, pace, telemetry, ...defences.observers, hedge, admission, picker.observer, parts.observer(name)]
  const group: Group = {
    name,
    targets,
    candidates: fallback === undefined ? targets : [...targets, ...fallback.group.candidates],
    has: target => members.has(target),
    ...(fallback === undefined ? {} : { fallback: fallback.group }),
    picker,
    selector: new GroupSelector(picker, tiers, nearestOf(config, telemetry, traffic)),
    gates: defences.gates,
    observers: observers.filter(observer => observer !== undefined),
    retry: retryOf(config.retry),
    budget: new RetryBudget(config.retry.budget),
    ...(admission === undefined ? {} : { admission }),
    ...(hedge === undefined ? {} : { hedging: hedge }),
    timeouts: { connectMs: timeouts.connect, responseMs: timeouts.response, idleMs: timeouts.idle, tunnelMs: timeouts.tunnel },
    typicalMs: now => pace.typicalMs(now),
    dispatcher: target => dispatchers.of(target)
  }
  const { maintenance, health, breaker, ejection } = defences
  return {
    group,
    protocol: config.protocol,
    traffic,
    telemetry,
    maintenance,
    health,
    breaker,
    ejection,
    failback: () => tiers.release()
  }
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
  return factory({ targets, inFlight: traffic.burden, telemetry, by: balance.by, bounded: balance.bounded })
}

const tiersOf = ({ failover: { spill, failback } }: UpstreamConfig, { zone }: GroupParts, whole: Whole) =>
  new Tiers({ ...defaultTierOptions, spill, failback, zone }, whole)

/** A target that comes back, from wherever it was, is spared for a while, and one whose agent asks for less gets less. */
const warmthOf = (slowStart: SlowStart, { breaker, health }: Defences): Warmth => ({
  get quiet() {
    return slowStart.quiet && (breaker?.quiet ?? true) && !health.hasAgents
  },
  of: (target, now) => Math.min(slowStart.of(target, now), breaker?.warmth(target, now) ?? 1, health.weightShare(target))
})

function nearestOf({ failover, limits }: UpstreamConfig, telemetry: Telemetry, traffic: Traffic): Nearest | undefined {
  if (failover.order !== 'nearest') return undefined
  const { k, metric } = failover
  return new Nearest({ k, metric }, { telemetry, inFlight: traffic.inFlight, limitPerTarget: limits.perTarget })
}

function admissionOf({ name, limits, targets }: UpstreamConfig, { deadlines, random, shed }: GroupParts): Admission | undefined {
  const { concurrency, queue, queueTime: queueMs } = limits
  if (concurrency === 0) return undefined
  const options =
    concurrency === 'adaptive'
      ? { limit: new AdaptiveLimit(leastPerTarget * targets.length), throttle: new Throttle(random) }
      : { limit: fixedLimit(concurrency) }
  return new Admission({ ...options, queue, queueMs }, deadlines, reason => shed(name, reason))
}

function retryOf({ attempts, on, backoff, unsafe }: UpstreamConfig['retry']): RetryRules {
  return { attempts, on: new Set(on), backoffMs: [backoff[0], backoff[1]], unsafe }
}
