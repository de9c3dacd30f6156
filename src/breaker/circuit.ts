import type { Random } from '../time/random.ts'
import { CallWindow } from './call-window.ts'

/** Times in milliseconds, shares 0..1. */
export interface CircuitOptions {
  /** The share of calls that fail, or of those that are slow, at which it opens. */
  readonly failureShare: number
  /** Fewer calls in the window than these never open it. */
  readonly minimum: number
  readonly windowMs: number
  /** How long it stays open the first time; twice as long each further time, up to eight times. */
  readonly openMs: number
  /** Calls that take longer are slow; 0: none is. */
  readonly slowMs: number
  /** Calls let through at once while half open, and successes among them that close it. */
  readonly probes: number
}

export type CircuitKind = 'closed' | 'half-open' | 'open'

type State =
  /** `since` is when it closed after having been open: from then on its share grows. */
  | { readonly kind: 'closed'; readonly since: number }
  | { readonly kind: 'open'; until: number }
  | { readonly kind: 'half-open'; readonly since: number; inFlight: number; successes: number }

/** So many times the first length is the longest. */
const longest = 8
/** A circuit that closes again takes up this share at once, and the rest linearly over `openMs`. */
const firstShare = 0.1

/**
 * The state machine of a circuit breaker (Nygard, Release It!, 2007), without a timer: an open one is half open as soon as
 * somebody looks after its time. Closed it watches a window of calls; half open it lets a few through, of which one failure
 * opens it again, for longer; closed again it takes its share back bit by bit.
 */
export class Circuit {
  readonly #options: CircuitOptions
  readonly #random: Random
  readonly #window: CallWindow
  #state: State = { kind: 'closed', since: Number.NEGATIVE_INFINITY }
  /** How often it opened without being closed for long in between. */
  #times = 0

  constructor(options: CircuitOptions, random: Random) {
    this.#options = options
    this.#random = random
    this.#window = new CallWindow(options.windowMs)
  }

  kind(now: number): CircuitKind {
    return this.#state.kind === 'open' && now >= this.#state.until ? 'half-open' : this.#state.kind
  }

  /** Closed, and with its whole share: nothing to ask it. */
  isQuiet(now: number): boolean {
    return this.#state.kind === 'closed' && now - this.#state.since >= this.#options.openMs
  }

  /** Every call is let through. */
  get isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  /** Until when it is open; undefined when it is not. */
  get openUntil(): number | undefined {
    return this.#state.kind === 'open' ? this.#state.until : undefined
  }

  admits(now: number): boolean {
    const state = this.#state
    if (state.kind === 'closed') return true
    return state.kind === 'open' ? now >= state.until : state.inFlight < this.#options.probes
  }

  /** The share of its traffic that it may have now, 0..1: it grows after closing. */
  warmth(now: number): number {
    if (this.#state.kind !== 'closed') return 1
    return Math.min(1, firstShare + ((1 - firstShare) * (now - this.#state.since)) / this.#options.openMs)
  }

  /** An open one lets a probe through now, before its time. */
  probeNow(now: number): void {
    if (this.#state.kind === 'open') this.#state.until = Math.min(this.#state.until, now)
  }

  started(now: number): void {
    if (this.#state.kind === 'open' && now >= this.#state.until) {
      this.#state = { kind: 'half-open', since: now, inFlight: 0, successes: 0 }
    }
    if (this.#state.kind === 'half-open') this.#state.inFlight++
  }

  /** A call that began at this moment is one of those let through to see how things are now. */
  isProbe(startedAt: number): boolean {
    return this.#state.kind === 'half-open' && startedAt >= this.#state.since
  }

  /** `startedAt` is the call's: one from before the opening says nothing of how things are now. True when it has just closed. */
  judged(failed: boolean, tookMs: number, startedAt: number, now: number): boolean {
    const state = this.#state
    if (state.kind === 'open') return false
    const slow = this.#options.slowMs > 0 && tookMs > this.#options.slowMs
    if (state.kind === 'closed') {
      if (startedAt >= state.since) this.#watch(failed, slow, now)
      return false
    }
    if (!this.isProbe(startedAt)) return false
    if (failed || slow) {
      this.#open(now)
      return false
    }
    if (++state.successes < this.#options.probes) return false
    this.#window.clear()
    this.#state = { kind: 'closed', since: now }
    return true
  }

  ended(startedAt: number): void {
    if (this.#state.kind === 'half-open' && startedAt >= this.#state.since) this.#state.inFlight--
  }

  #watch(failed: boolean, slow: boolean, now: number): void {
    this.#window.add(failed, slow, now)
    const { calls, failures, slow: slowCalls } = this.#window
    if (calls < this.#options.minimum || Math.max(failures, slowCalls) < this.#options.failureShare * calls) return
    if (this.isQuiet(now)) this.#times = 0
    this.#open(now)
  }

  #open(now: number): void {
    const lengthMs = this.#options.openMs * Math.min(longest, 2 ** this.#times)
    this.#times++
    this.#window.clear()
    // Gateways that opened together must not probe together.
    this.#state = { kind: 'open', until: now + lengthMs * (0.9 + 0.2 * this.#random()) }
  }
}
