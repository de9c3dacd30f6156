import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import { PerTarget, type Target } from '../model/target.ts'
import type { Verdict } from '../model/verdict.ts'
import { LatencyWindow } from './latency-window.ts'

export interface TargetTraffic {
  inFlight: number
  /** Attempts that began. */
  requests: number
  /** Attempts that failed; a client that left is no failure. */
  failures: number
  /** Attempts that were overtaken, fading, as counted at a moment. */
  overtaken: { readonly count: number; readonly at: number }
  readonly latency: LatencyWindow
}

/** What was overtaken weighs less and less: a third of it after so many milliseconds. */
const forgottenMs = 1000

/** What every target of a group is doing now and has done since the start. */
export class Traffic implements AttemptObserver {
  readonly #targets = new PerTarget<TargetTraffic>(() => ({
    inFlight: 0,
    requests: 0,
    failures: 0,
    overtaken: { count: 0, at: 0 },
    latency: new LatencyWindow()
  }))

  /** When anything was last told: near enough for what fades in a second. */
  #now = 0

  of(target: Target): TargetTraffic {
    return this.#targets.of(target)
  }

  /**
   * The burden of a target, for those who pick: what is in flight, and what was given up because a later attempt elsewhere was
   * faster. The target has probably not stopped working on it, and a hedged target that hangs would otherwise look idle.
   */
  readonly burden = (target: Target): number => {
    const { inFlight, overtaken } = this.#targets.of(target)
    return overtaken.count === 0 ? inFlight : inFlight + overtaken.count * Math.exp((overtaken.at - this.#now) / forgottenMs)
  }

  readonly inFlight = (target: Target): number => this.#targets.of(target).inFlight

  started({ target }: Attempt, now: number): void {
    this.#now = now
    const traffic = this.#targets.of(target)
    traffic.inFlight++
    traffic.requests++
  }

  judged({ target, startedAt, answeredAt, outcome }: Attempt, verdict: Verdict): void {
    const traffic = this.#targets.of(target)
    if (verdict === 'failure') traffic.failures++
    if (outcome?.kind === 'response' && answeredAt !== undefined) traffic.latency.add(answeredAt - startedAt)
  }

  ended({ target, outcome }: Attempt, now: number): void {
    this.#now = now
    const traffic = this.#targets.of(target)
    traffic.inFlight--
    if (outcome?.kind !== 'aborted' || outcome.overtaken !== true) return
    const { count, at } = traffic.overtaken
    traffic.overtaken = { count: count * Math.exp((at - now) / forgottenMs) + 1, at: now }
  }
}
