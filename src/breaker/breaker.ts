import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import type { BreakerView } from '../model/breaker-view.ts'
import type { Gate } from '../model/gate.ts'
import { PerTarget, type Target } from '../model/target.ts'
import type { Verdict } from '../model/verdict.ts'

/** Times in milliseconds. */
export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly consecutive: number
  /** How long it stays open before probes are let through. */
  readonly openMs: number
  /** Probes let through at once while half open, and successes among them that close it. */
  readonly probes: number
}

export type BreakerState =
  | { readonly kind: 'closed'; failures: number }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'half-open'; readonly since: number; inFlight: number; successes: number }

/**
 * A circuit breaker for each target of a group (Nygard, Release It!, 2007): closed it counts failures in a row, open it refuses
 * all, half open it lets a few probes through and closes after as many successes; one failure opens it again. It has no timer:
 * an open one is half open as soon as somebody looks after its time.
 */
export class Breaker implements Gate, AttemptObserver, BreakerView {
  readonly name = 'breaker'
  readonly #options: BreakerOptions
  readonly #states = new PerTarget<{ state: BreakerState }>(() => ({ state: { kind: 'closed', failures: 0 } }))
  #notClosed = 0

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  get quiet(): boolean {
    return this.#notClosed === 0
  }

  refusal(target: Target, now: number): string | undefined {
    const { state } = this.#states.of(target)
    switch (state.kind) {
      case 'closed':
        return undefined
      case 'open':
        return now < state.until ? 'breaker open' : undefined
      case 'half-open':
        return state.inFlight < this.#options.probes ? undefined : 'breaker half open, its probes are under way'
    }
  }

  admitsAt(target: Target): number | undefined {
    return this.opensUntil(target)
  }

  stateOf(target: Target, now: number): BreakerState['kind'] {
    const { state } = this.#states.of(target)
    return state.kind === 'open' && now >= state.until ? 'half-open' : state.kind
  }

  opensUntil(target: Target): number | undefined {
    const { state } = this.#states.of(target)
    return state.kind === 'open' ? state.until : undefined
  }

  started({ target }: Attempt, now: number): void {
    if (this.quiet) return
    const entry = this.#states.of(target)
    if (entry.state.kind === 'open' && now >= entry.state.until) {
      entry.state = { kind: 'half-open', since: now, inFlight: 0, successes: 0 }
    }
    if (entry.state.kind === 'half-open') entry.state.inFlight++
  }

  judged({ target, startedAt }: Attempt, verdict: Verdict, now: number): void {
    const entry = this.#states.of(target)
    const { state } = entry
    if (verdict === 'ignored' || state.kind === 'open') return
    if (state.kind === 'closed') {
      state.failures = verdict === 'success' ? 0 : state.failures + 1
      if (state.failures >= this.#options.consecutive) this.#open(entry, now)
    } else if (startedAt < state.since) {
      // It began before the breaker opened and says nothing of how the target is now.
    } else if (verdict === 'failure') {
      this.#open(entry, now)
    } else if (++state.successes >= this.#options.probes) {
      entry.state = { kind: 'closed', failures: 0 }
      this.#notClosed--
    }
  }

  ended({ target, startedAt }: Attempt): void {
    const { state } = this.#states.of(target)
    if (state.kind === 'half-open' && startedAt >= state.since) state.inFlight--
  }

  #open(entry: { state: BreakerState }, now: number): void {
    if (entry.state.kind === 'closed') this.#notClosed++
    entry.state = { kind: 'open', until: now + this.#options.openMs }
  }
}
