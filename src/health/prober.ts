import type { Random } from '../time/random.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Check, CheckResult } from './check.ts'
import { HealthState, type HealthStatus, type Thresholds } from './health-state.ts'
import { firstDelayMs, intervalMs, type Pace } from './pace.ts'
import { Rounds } from './rounds.ts'

/** Somebody who uses what a prober finds out: a group that has the target. */
export interface ProbeUser {
  /** Told of every result; `turned` says that the status is another one than before. */
  checked(result: CheckResult, turned: boolean, now: number): void
  /** Attempts of the group so far, by which a prober knows whether there is traffic. */
  readonly attempts: number
}

export interface ProberParts {
  readonly check: Check
  readonly pace: Pace
  readonly thresholds: Thresholds
  readonly scheduler: Scheduler
  readonly random: Random
}

/** Checks one target as long as somebody uses it. */
export class Prober {
  readonly #parts: ProberParts
  readonly #state: HealthState
  readonly #rounds: Rounds
  /** Each with its attempts when it was last asked. */
  readonly #users = new Map<ProbeUser, number>()
  #last: CheckResult | undefined
  #checks = 0

  constructor(parts: ProberParts) {
    this.#parts = parts
    this.#state = new HealthState(parts.thresholds)
    this.#rounds = new Rounds(
      parts.scheduler,
      finished =>
        parts.check.run(result => {
          this.#take(result)
          finished()
        }),
      () => this.#intervalMs()
    )
  }

  get status(): HealthStatus {
    return this.#state.status
  }

  /** What the last check came to; undefined before the first. */
  get last(): CheckResult | undefined {
    return this.#last
  }

  /** Why the target is not well, for an operator; undefined while it is. */
  get trouble(): string | undefined {
    const { status, passes, failures } = this.#state
    if (status === 'unchecked') return 'not checked yet'
    if (status === 'passing') return undefined
    if (passes > 0) return `passes again, ${passes} of ${this.#parts.thresholds.rise} checks`
    if (failures === 1) return `1 check failed: ${this.#last?.text}`
    return `${failures} checks failed, the last: ${this.#last?.text}`
  }

  add(user: ProbeUser): void {
    this.#users.set(user, user.attempts)
  }

  remove(user: ProbeUser): void {
    this.#users.delete(user)
  }

  start(): void {
    this.#rounds.start(firstDelayMs(this.#parts.pace, this.#parts.random))
  }

  /** Nothing is heard of it any more, and nothing stays open. */
  stop(): void {
    this.#rounds.stop()
    this.#parts.check.close()
  }

  #take(result: CheckResult): void {
    this.#last = result
    this.#checks++
    const turned = this.#state.record(result.ok)
    const now = this.#parts.scheduler.now()
    for (const user of [...this.#users.keys()]) user.checked(result, turned, now)
  }

  #intervalMs(): number {
    const { inTransition, status } = this.#state
    // A target that fails gets no traffic because it fails: it must not wait longer for that.
    const idle = this.#idle() && status === 'passing'
    return intervalMs(this.#parts.pace, { first: this.#checks === 1, inTransition, idle }, this.#parts.random)
  }

  /** Whether no group that uses the target had an attempt since this was last asked. */
  #idle(): boolean {
    let idle = true
    for (const [user, before] of this.#users) {
      if (user.attempts !== before) idle = false
      this.#users.set(user, user.attempts)
    }
    return idle
  }
}
