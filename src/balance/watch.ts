import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import { PerTarget, type Target } from '../model/target.ts'
import type { TelemetryView } from '../model/telemetry.ts'
import type { Verdict } from '../model/verdict.ts'
import { FailureShare } from './failure-share.ts'
import { Unanswered } from './unanswered.ts'

/** What an algorithm takes for a target's time to answer. Milliseconds. */
export interface LatencyEstimate {
  /** False as long as nothing was added. */
  readonly known: boolean
  /** An answer that took this long, with so many others in flight at the target when its request came. */
  add(latencyMs: number, inFlight: number, now: number): void
  /** The estimate with so many in flight. Shrinks while nothing is added, so that a target once slow is tried again. */
  at(now: number, inFlight: number): number
}

/** The least that a failed attempt counts as, in milliseconds: what the client or the next target pays for it. */
const failureMs = 1000
/** Share of one answer in the typical latency of the group. */
const typicalGain = 0.05
/** Stands for the time of a target while no target of its group was measured. */
const anyMs = 1

/** What is known of one target. */
export class Watched<Estimate extends LatencyEstimate> {
  readonly latency: Estimate
  readonly unanswered = new Unanswered()
  readonly failures = new FailureShare()
  /** Attempts that have not ended; answers on their way to the client are among them. */
  inFlight = 0

  constructor(latency: Estimate) {
    this.latency = latency
  }

  /**
   * How long the next request may take here, in milliseconds; `typicalMs` is that of the group.
   * A request that waits already shows the least that an answer takes, so a server that hangs is seen before its first timeout.
   * A failure is not fast, however quickly it comes: the share of attempts that fail costs at least a second each, and at least
   * what an answer would. It enters by its share, since at full height one failure in a thousand would outweigh every latency.
   * One who was never asked comes first (0), but not twice at a time; then it counts as typical. `inFlight` is what the target
   * has to do by all that is known.
   */
  expectedMs(now: number, typicalMs: number, inFlight = this.inFlight): number {
    const { latency, unanswered, failures } = this
    const share = failures.at(now)
    if (!latency.known && this.inFlight === 0 && share === 0) return 0
    const usualMs = latency.known ? latency.at(now, inFlight) : typicalMs || anyMs
    const answerMs = Math.max(usualMs, unanswered.waitedMs(now))
    return share === 0 ? answerMs : answerMs + share * Math.max(failureMs, answerMs)
  }
}

/** Learns from the attempts of one group what each target's answers take. Times are up to the beginning of the answer. */
export class Watch<Estimate extends LatencyEstimate> implements AttemptObserver {
  readonly #targets: PerTarget<Watched<Estimate>>
  readonly #telemetry: TelemetryView | undefined
  #typicalMs = 0

  /** With telemetry, the requests of others count in what a target has in flight. */
  constructor(create: () => Estimate, telemetry?: TelemetryView) {
    this.#targets = new PerTarget(() => new Watched(create()))
    this.#telemetry = telemetry
  }

  of(target: Target): Watched<Estimate> {
    return this.#targets.of(target)
  }

  /** The mean of the group's latest answers, in milliseconds; 0 before the first. */
  get typicalMs(): number {
    return this.#typicalMs
  }

  /** What the target says of itself, but no less than what it was sent from here. */
  inFlight(target: Target, now: number): number {
    const { inFlight } = this.#targets.of(target)
    return this.#telemetry === undefined ? inFlight : Math.max(inFlight, this.#telemetry.latest(target, now)?.inFlight ?? 0)
  }

  started(attempt: Attempt, now: number): void {
    const watched = this.#targets.of(attempt.target)
    watched.unanswered.add(attempt, this.inFlight(attempt.target, now))
    watched.inFlight++
  }

  judged(attempt: Attempt, verdict: Verdict, now: number): void {
    const watched = this.#targets.of(attempt.target)
    if (verdict !== 'ignored') watched.failures.count(verdict === 'failure', now)
    const inFlight = watched.unanswered.take(attempt)
    // A second judgement is of an answer whose time is known.
    if (inFlight === undefined) return
    const latencyMs = Math.max(0, (attempt.answeredAt ?? now) - attempt.startedAt)
    if (verdict === 'success') {
      watched.latency.add(latencyMs, inFlight, now)
      this.#typicalMs += (latencyMs - this.#typicalMs) * (this.#typicalMs === 0 ? 1 : typicalGain)
    } else if (latencyMs > this.#usualMs(watched, now) && this.#typicalMs > 0) {
      // Without an answer it would have taken longer still: that is worth knowing of one that is slower than usual.
      watched.latency.add(latencyMs, inFlight, now)
    }
  }

  ended(attempt: Attempt): void {
    const watched = this.#targets.of(attempt.target)
    watched.inFlight--
    // Harmless after a judgement; without one it was of no consequence.
    watched.unanswered.take(attempt)
  }

  #usualMs({ latency, inFlight }: Watched<Estimate>, now: number): number {
    return latency.known ? latency.at(now, inFlight) : this.#typicalMs
  }
}
