import type { UpstreamConfig } from '../config/types.ts'
import { AgentGate } from './health/agent-gate.ts'
import type { Agents } from './health/agents.ts'
import { HealthGate, type HealthListener, type VectorListener } from './health/health-gate.ts'
import { Heartbeats } from './health/heartbeats.ts'
import type { Probers } from './health/probers.ts'
import type { AttemptObserver } from './model/attempt.ts'
import type { Gate } from './model/gate.ts'
import type { HealthView } from './model/health-view.ts'
import type { TlsTexts } from './model/pem.ts'
import type { Target } from './model/target.ts'
import type { TelemetryVector } from './model/telemetry.ts'

/** What asks targets, shared by all groups of the process. */
export interface HealthParts {
  readonly probers: Probers
  readonly agents: Agents
}

/** Who hears what is found. */
export interface HealthWatcher {
  turned: HealthListener
  said: VectorListener
  passed(target: Target, now: number): void
}

/** Everything by which the targets of a group show that they are well: active checks, their agents, and the heartbeats they push. */
export interface GroupHealth extends HealthView {
  readonly gates: readonly Gate[]
  readonly observers: readonly AttemptObserver[]
  /** Out by the word of its agent. */
  isDrained(target: Target): boolean
  /** Some agent may claim less than the whole weight. */
  readonly hasAgents: boolean
  /** The part of its weight that its agent claims, 0..1 and above. */
  weightShare(target: Target): number
}

/** Puts it together as far as the configuration asks for it; heartbeats are taken from whoever sends them. */
export function buildHealth(
  { health, protocol }: UpstreamConfig,
  targets: readonly Target[],
  { probers, agents, tls }: HealthParts & { readonly tls: TlsTexts },
  watcher: HealthWatcher
): GroupHealth {
  const checks = health === false ? undefined : new HealthGate(targets, { settings: health, tls, protocol }, probers)
  const agent =
    health === false || health.agent === undefined
      ? undefined
      : new AgentGate(targets, { ...health.agent, timeout: health.timeout }, agents)
  const heartbeats = new Heartbeats()
  checks?.onPass((target, now) => watcher.passed(target, now))
  for (const source of [checks, agent, heartbeats]) source?.onChange(watcher.turned)
  for (const source of [checks, agent]) source?.onVector(watcher.said)
  return {
    gates: [checks, agent, heartbeats].filter(gate => gate !== undefined),
    observers: checks === undefined || health === false || health.idleInterval === undefined ? [] : [checks],
    hasAgents: agent !== undefined,
    isDrained: target => agent?.isDrained(target) ?? false,
    weightShare: target => agent?.weightShare(target) ?? 1,
    onChange: listener => {
      for (const source of [checks, agent, heartbeats]) source?.onChange(listener)
    },
    healthOf: target => checks?.healthOf(target) ?? heartbeatReport(heartbeats, target),
    beat: (target: Target, leaseMs: number, vector: TelemetryVector | undefined, now: number) => {
      heartbeats.beat(target, leaseMs, now)
      if (vector !== undefined) watcher.said(target, vector, now)
    },
    start: () => {
      checks?.start()
      agent?.start()
    },
    stop: () => {
      checks?.stop()
      agent?.stop()
      heartbeats.stop()
    }
  }
}

/** A target that nobody checks is known by its heartbeats, if it sends any. */
function heartbeatReport(heartbeats: Heartbeats, target: Target): ReturnType<HealthView['healthOf']> {
  const isSilent = heartbeats.isSilent(target)
  if (isSilent === undefined) return { state: 'off', last: undefined }
  return isSilent ? { state: 'failing', last: 'no heartbeat' } : { state: 'passing', last: 'heartbeat' }
}
