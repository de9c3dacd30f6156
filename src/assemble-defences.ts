import type { CircuitConfig, OutlierConfig, UpstreamConfig } from '../config/types.ts'
import { buildHealth, type GroupHealth, type HealthParts, type HealthWatcher } from './assemble-health.ts'
import type { SlowStart } from './balance/slow-start.ts'
import { Breaker } from './breaker/breaker.ts'
import type { CircuitOptions } from './breaker/circuit.ts'
import { GroupBreaker } from './breaker/group-breaker.ts'
import { TargetLimit } from './limit/target-limit.ts'
import type { AttemptObserver } from './model/attempt.ts'
import { Gates } from './model/gate.ts'
import type { TlsTexts } from './model/pem.ts'
import type { Load } from './model/picker.ts'
import type { Target } from './model/target.ts'
import { type EjectionWatcher, Ejector, type EjectorOptions } from './outlier/ejector.ts'
import type { Telemetry } from './telemetry/telemetry.ts'
import type { Random } from './time/random.ts'
import { Maintenance } from './upstream/maintenance.ts'

/** What decides whether a target of a group admits traffic. */
export interface Defences {
  readonly gates: Gates
  readonly observers: readonly AttemptObserver[]
  readonly maintenance: Maintenance
  readonly health: GroupHealth
  /** Undefined where it is turned off. */
  readonly breaker: Breaker | undefined
  readonly ejection: Ejector | undefined
}

/** What the defences look at, and tell. */
export interface DefenceParts {
  readonly inFlight: Load
  readonly telemetry: Telemetry
  readonly slowStart: SlowStart
  /** Some target of a fallback group admits traffic. */
  readonly hasFallback: (now: number) => boolean
  /** Told when a target goes out, and when it is back. */
  turned(by: string, target: Target, why: string | undefined): void
}

/** Puts the gates of a group together, in the order in which an operator wants to read their reasons. */
export function buildDefences(
  config: UpstreamConfig,
  targets: readonly Target[],
  parts: HealthParts & { readonly random: Random; readonly tls: TlsTexts },
  { inFlight, telemetry, slowStart, hasFallback, turned }: DefenceParts
): Defences {
  const { breaker, outliers, limits, failover } = config
  const { random } = parts
  const maintenance = new Maintenance((target, now) => slowStart.returned(target, now))
  const breakers =
    breaker === false
      ? undefined
      : new Breaker(targets, circuitOf(breaker), random, (target, isOpen) =>
          turned('breaker', target, isOpen ? 'breaker open' : undefined)
        )
  const groupBreaker =
    breaker === false || breaker.group === false ? undefined : new GroupBreaker(circuitOf(breaker.group), random)
  // The gates are asked whether another target is left, which one of them asks before it takes one out.
  const isUsable = (target: Target, now: number) => gates.complaint(target, now) === undefined
  const watcher = ejectionWatcher(telemetry, slowStart, (target, why) => turned('ejection', target, why))
  const ejection = outliers === false ? undefined : new Ejector(targets, ejectorOf(outliers), random, isUsable, watcher)
  const health = buildHealth(
    config,
    targets,
    parts,
    healthWatcher(telemetry, slowStart, ejection, (target, why) => turned('health', target, why))
  )
  const targetLimit = limits.perTarget > 0 ? new TargetLimit(limits.perTarget, inFlight) : undefined
  const list = [maintenance, ...health.gates, ejection, breakers, groupBreaker, targetLimit].filter(gate => gate !== undefined)
  const isDrained = (target: Target) => maintenance.orderFor(target) !== undefined || health.isDrained(target)
  const gates: Gates = new Gates(list, { panicShare: failover.panic, targets, isDrained, hasFallback })
  const observers = [ejection, breakers, groupBreaker, ...health.observers].filter(observer => observer !== undefined)
  return { gates, observers, maintenance, health, breaker: breakers, ejection }
}

/** What a target was like while it was well is kept until everybody says that it is well again. */
type Say = (target: Target, why: string | undefined) => void

const ejectionWatcher = (telemetry: Telemetry, slowStart: SlowStart, say: Say): EjectionWatcher => ({
  ejected: (target, why) => {
    say(target, why)
    telemetry.freeze(target, 'ejection')
  },
  returned: (target, now) => {
    say(target, undefined)
    telemetry.thaw(target, 'ejection')
    slowStart.returned(target, now)
  }
})

/** Who hears what is found out about the health of targets. */
const healthWatcher = (telemetry: Telemetry, slowStart: SlowStart, ejection: Ejector | undefined, say: Say): HealthWatcher => ({
  turned: (target, state, now, before) => {
    if (state === 'failing') say(target, 'its checks fail')
    else if (before === 'failing') say(target, undefined)
    if (state === 'failing') telemetry.freeze(target, 'health')
    else telemetry.thaw(target, 'health')
    if (state !== 'passing' || before !== 'failing') return
    // Its checks had failed, and now they pass: whatever was held against it is over.
    ejection?.readmit(target, now)
    slowStart.returned(target, now)
  },
  said: (target, vector, now) => telemetry.report(target, vector, now),
  passed: (target, now) => ejection?.passedCheck(target, now)
})

const circuitOf = ({ failureShare, minimum, window, open, slow, probes }: CircuitConfig): CircuitOptions => {
  return { failureShare, minimum, windowMs: window, openMs: open, slowMs: slow, probes }
}

const ejectorOf = ({ consecutive, eject, maxEject, maxShare }: OutlierConfig): EjectorOptions => {
  return { consecutive, ejectMs: eject, maxEjectMs: maxEject, maxShare }
}
