import type { Gate } from '../model/gate.ts'
import type { Target } from '../model/target.ts'
import { type Cancel, processScheduler, type Scheduler } from '../time/scheduler.ts'
import type { HealthListener } from './health-gate.ts'
import { defaultPhiOptions, deviationsOf, PhiAccrual } from './phi-accrual.ts'

export interface HeartbeatSettings {
  /** The suspicion (phi) from which a target gets nothing. */
  readonly threshold: number
  /** Milliseconds of silence beyond the usual interval that raise no suspicion. */
  readonly pauseMs: number
}

export interface HeartbeatReport {
  readonly silent: boolean
  readonly phi: number
  readonly lastAt: number
}

interface Beating {
  readonly detector: PhiAccrual
  /** When the last lease runs out. */
  leaseEndsAt: number
  /** When it is too silent, if no beat comes. */
  silentAt: number
  silent: boolean
  text: string
  textAt: number
}

/** A sender is expected to beat this often within its lease. */
const beatsPerLease = 3

/** A timer that is this late was held up by this process, and beats with it: they get as long again to be read. */
const stallMs = 1000

const renewTextMs = 1000

/**
 * Heartbeats that the targets of a group push. A target is refused when its silence is suspicious by the intervals of its own
 * beats, or when the lease of the last one has run out. Only who ever beat is judged. A beat costs constant time, and one timer
 * waits for the first silence among all targets.
 */
export class Heartbeats implements Gate {
  readonly name = 'heartbeat'
  readonly ignoredInPanic = true
  readonly #targets = new Map<Target, Beating>()
  readonly #listeners: HealthListener[] = []
  readonly #scheduler: Scheduler
  readonly #options: typeof defaultPhiOptions
  readonly #deviations: number
  #silent = 0
  #wakeAt = Number.POSITIVE_INFINITY
  #excused = false
  #cancel: Cancel = () => {}

  constructor({ threshold, pauseMs }: HeartbeatSettings = { threshold: 8, pauseMs: 3000 }, scheduler = processScheduler) {
    this.#options = { ...defaultPhiOptions, pauseMs }
    this.#deviations = deviationsOf(threshold)
    this.#scheduler = scheduler
  }

  get quiet(): boolean {
    return this.#silent === 0
  }

  refusal(target: Target, now: number): string | undefined {
    const beating = this.#targets.get(target)
    if (beating === undefined || !beating.silent) return undefined
    if (now - beating.textAt >= renewTextMs) {
      beating.textAt = now
      beating.text = describe(beating, now)
    }
    return beating.text
  }

  /** Undefined for a target that never beat. */
  heartbeatOf(target: Target, now: number): HeartbeatReport | undefined {
    const beating = this.#targets.get(target)
    if (beating === undefined) return undefined
    return { silent: beating.silent, phi: beating.detector.phi(now), lastAt: beating.detector.lastAt }
  }

  /** Undefined for a target that never beat. */
  isSilent(target: Target): boolean | undefined {
    return this.#targets.get(target)?.silent
  }

  /** Called when a target falls silent (`failing`) and when it beats again (`passing`), after the gate itself. */
  onChange(listener: HealthListener): void {
    this.#listeners.push(listener)
  }

  /** A target says that it is alive, and may be believed for `leaseMs` milliseconds. */
  beat(target: Target, leaseMs: number, now: number): void {
    const beating = this.#targets.get(target) ?? this.#first(target, leaseMs, now)
    const wasSilent = beating.silent
    // The interval that ends a failure is not one of the usual ones.
    if (beating.detector.lastAt !== now) beating.detector.beat(now, !wasSilent)
    beating.leaseEndsAt = now + leaseMs
    beating.silentAt = Math.min(beating.detector.silentAt(this.#deviations), beating.leaseEndsAt)
    if (beating.silentAt < this.#wakeAt) this.#wake(beating.silentAt, now)
    if (wasSilent) this.#turn(target, beating, false, now)
  }

  /** The target is judged no more, until it beats again. */
  forget(target: Target): void {
    if (this.#targets.get(target)?.silent) this.#silent--
    this.#targets.delete(target)
  }

  stop(): void {
    this.#cancel()
    this.#targets.clear()
    this.#silent = 0
    this.#wakeAt = Number.POSITIVE_INFINITY
  }

  #first(target: Target, leaseMs: number, now: number): Beating {
    const detector = new PhiAccrual(leaseMs / beatsPerLease, now, this.#options)
    const beating = { detector, leaseEndsAt: 0, silentAt: 0, silent: false, text: '', textAt: Number.NEGATIVE_INFINITY }
    this.#targets.set(target, beating)
    return beating
  }

  /** Beats only move the moment on, mostly: the timer is left alone, and finds a later one when it comes. */
  #wake(at: number, now: number): void {
    this.#cancel()
    this.#wakeAt = at
    this.#cancel = this.#scheduler.after(Math.max(0, at - now), this.#look)
  }

  readonly #look = (): void => {
    const now = this.#scheduler.now()
    const late = now - this.#wakeAt > stallMs
    this.#wakeAt = Number.POSITIVE_INFINITY
    if (late && !this.#excused) {
      this.#excused = true
      this.#wake(now + stallMs, now)
      return
    }
    this.#excused = false
    let next = Number.POSITIVE_INFINITY
    for (const [target, beating] of [...this.#targets]) {
      if (beating.silent) continue
      if (beating.silentAt <= now) this.#turn(target, beating, true, now)
      else next = Math.min(next, beating.silentAt)
    }
    if (next < this.#wakeAt) this.#wake(next, now)
  }

  #turn(target: Target, beating: Beating, silent: boolean, now: number): void {
    beating.silent = silent
    beating.textAt = Number.NEGATIVE_INFINITY
    this.#silent += silent ? 1 : -1
    const [was, is] = silent ? (['passing', 'failing'] as const) : (['failing', 'passing'] as const)
    for (const told of this.#listeners) told(target, is, now, was)
  }
}

function describe({ detector, leaseEndsAt }: Beating, now: number): string {
  const phi = `heartbeat: phi ${detector.phi(now).toFixed(1)}`
  return now >= leaseEndsAt ? `${phi}, the lease has run out` : phi
}
