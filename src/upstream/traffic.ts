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
  readonly latency: LatencyWindow
}

/** What every target of a group is doing now and has done since the start. */
export class Traffic implements AttemptObserver {
  readonly #targets = new PerTarget<TargetTraffic>(() => ({
    inFlight: 0,
    requests: 0,
    failures: 0,
    latency: new LatencyWindow()
  }))

  of(target: Target): TargetTraffic {
    return this.#targets.of(target)
  }

  readonly inFlight = (target: Target): number => this.#targets.of(target).inFlight

  started({ target }: Attempt): void {
    const traffic = this.#targets.of(target)
    traffic.inFlight++
    traffic.requests++
  }

  judged({ target, startedAt, answeredAt, outcome }: Attempt, verdict: Verdict): void {
    const traffic = this.#targets.of(target)
    if (verdict === 'failure') traffic.failures++
    if (outcome?.kind === 'response' && answeredAt !== undefined) traffic.latency.add(answeredAt - startedAt)
  }

  ended({ target }: Attempt): void {
    this.#targets.of(target).inFlight--
  }
}
