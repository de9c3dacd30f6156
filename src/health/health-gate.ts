import type { AttemptObserver } from '../model/attempt.ts'
import type { Gate } from '../model/gate.ts'
import type { Target } from '../model/target.ts'
import type { TelemetryVector } from '../model/telemetry.ts'
import type { CheckResult } from './check.ts'
import type { HealthStatus } from './health-state.ts'
import type { ProbeUser } from './prober.ts'
import type { HealthSpec, Probers, Watch } from './probers.ts'
import { Tally } from './tally.ts'

/** What is known of a target's health. */
export interface HealthReport {
  /** `off`: the target is not checked. */
  readonly state: HealthStatus | 'off'
  /** What the last check came to, such as `status 200`; undefined before the first. */
  readonly last: string | undefined
}

/** A target has turned: it passes now, or it fails. `before` tells a return from a first result. */
export type HealthListener = (target: Target, state: 'passing' | 'failing', now: number, before: HealthStatus) => void

/** A check has passed. */
export type PassListener = (target: Target, now: number) => void

/** A passing check has said how the target is. */
export type VectorListener = (target: Target, vector: TelemetryVector, now: number) => void

/**
 * The active checks of a group: refuses targets that fail them, and those that were not checked yet while another of their tier
 * is known to be well. It checks from `start` to `stop`; before and after, it refuses nobody.
 */
export class HealthGate implements Gate, AttemptObserver {
  readonly name = 'health'
  readonly ignoredInPanic = true
  readonly #probers: Probers
  readonly #spec: HealthSpec
  readonly #waiting: readonly Target[]
  readonly #watched = new Map<Target, Watched>()
  readonly #tally = new Tally()
  readonly #listeners: HealthListener[] = []
  readonly #vectorListeners: VectorListener[] = []
  readonly #passListeners: PassListener[] = []
  #attempts = 0

  constructor(targets: readonly Target[], spec: HealthSpec, probers: Probers) {
    this.#waiting = targets
    this.#spec = spec
    this.#probers = probers
  }

  get quiet(): boolean {
    return this.#tally.clear
  }

  refusal(target: Target): string | undefined {
    const watched = this.#watched.get(target)
    if (watched === undefined || watched.status === 'passing') return undefined
    if (watched.status === 'unchecked' && !this.#tally.waits(target.tier)) return undefined
    return watched.refusal
  }

  healthOf(target: Target): HealthReport {
    const watched = this.#watched.get(target)
    if (watched === undefined) return { state: 'off', last: undefined }
    return { state: watched.status, last: watched.last }
  }

  /** Called when a target turns, after the gate itself. The first result of a target is a turn too. */
  onChange(listener: HealthListener): void {
    this.#listeners.push(listener)
  }

  /** Called with what passing checks say of the targets' state. */
  onVector(listener: VectorListener): void {
    this.#vectorListeners.push(listener)
  }

  /** Called with every check that passes. */
  onPass(listener: PassListener): void {
    this.#passListeners.push(listener)
  }

  /** Counts attempts, for checks that are rarer without traffic. Needs to be told only where `idleInterval` is set. */
  started(): void {
    this.#attempts++
  }

  /** Begins to check the targets. What another group, or the configuration before, knows of one is taken over. */
  start(): void {
    for (const target of this.#waiting) this.add(target)
  }

  stop(): void {
    for (const target of [...this.#watched.keys()]) this.remove(target)
  }

  /** Begins to check a target. Harmless for one that is being checked. */
  add(target: Target): void {
    if (this.#watched.has(target)) return
    const watched = new Watched(
      () => this.#attempts,
      (result, before, now) => this.#checked(target, watched, result, before, now)
    )
    watched.begin(this.#probers.watch(target.url, this.#spec, watched))
    this.#watched.set(target, watched)
    this.#tally.move(target.tier, undefined, watched.status)
  }

  /** Checks a target no more. */
  remove(target: Target): void {
    const watched = this.#watched.get(target)
    if (watched === undefined) return
    this.#watched.delete(target)
    this.#tally.move(target.tier, watched.status, undefined)
    watched.end()
  }

  #checked(target: Target, { status }: Watched, result: CheckResult, before: HealthStatus, now: number): void {
    if (result.ok) for (const told of this.#passListeners) told(target, now)
    if (result.ok && result.vector !== undefined) for (const told of this.#vectorListeners) told(target, result.vector, now)
    if (status === before || status === 'unchecked') return
    this.#tally.move(target.tier, before, status)
    for (const told of this.#listeners) told(target, status, now, before)
  }
}

type Told = (result: CheckResult, before: HealthStatus, now: number) => void

/** A target of the group, with what its prober last said: the path of a request reads only this. */
class Watched implements ProbeUser {
  status: HealthStatus = 'unchecked'
  refusal: string | undefined
  last: string | undefined
  readonly #attempts: () => number
  readonly #told: Told
  #watch: Watch | undefined

  constructor(attempts: () => number, told: Told) {
    this.#attempts = attempts
    this.#told = told
  }

  get attempts(): number {
    return this.#attempts()
  }

  begin(watch: Watch): void {
    this.#watch = watch
    this.#read(watch)
  }

  end(): void {
    this.#watch?.release()
  }

  checked(result: CheckResult, _turned: boolean, now: number): void {
    const before = this.status
    if (this.#watch !== undefined) this.#read(this.#watch)
    this.#told(result, before, now)
  }

  #read({ prober }: Watch): void {
    const { status, trouble, last } = prober
    this.status = status
    this.refusal = trouble === undefined ? undefined : `health: ${trouble}`
    this.last = last?.text
  }
}
