import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import { PerTarget, type Target } from '../model/target.ts'
import type { TelemetryVector, TelemetryView } from '../model/telemetry.ts'
import type { Verdict } from '../model/verdict.ts'
import { orcaHeader, readOrca } from './orca.ts'
import { TargetTelemetry } from './target-telemetry.ts'

/** Three minutes, as gRPC has it for weights from ORCA (A58). */
const defaultStaleMs = 180_000

/** A target that reports in every answer is listened to this often. */
const listenEveryMs = 100

/**
 * What the targets of a group say of themselves, in health answers and by their agent (`report`) and in a header of their
 * answers, and what the gateway measures of those that are silent: latency of good answers and requests in flight.
 */
export class Telemetry implements TelemetryView, AttemptObserver {
  readonly #staleMs: number
  readonly #targets = new PerTarget(() => ({ telemetry: new TargetTelemetry(), listenedAt: Number.NEGATIVE_INFINITY }))

  /** `staleMs`: how long a word counts. */
  constructor({ staleMs = defaultStaleMs }: { readonly staleMs?: number } = {}) {
    this.#staleMs = staleMs
  }

  latest(target: Target, now: number): TelemetryVector | undefined {
    return this.#targets.of(target).telemetry.latest(now, this.#staleMs)
  }

  lastHealthy(target: Target): TelemetryVector | undefined {
    return this.#targets.of(target).telemetry.healthy
  }

  /** What a target has said of itself while it was well. */
  report(target: Target, vector: TelemetryVector, now: number): void {
    const { telemetry } = this.#targets.of(target)
    telemetry.say(vector, now)
    telemetry.learn(now, this.#staleMs)
  }

  /**
   * The target is not well: `lastHealthy` stays as it is until everybody who said so has thawed it. `by` names who says it, such
   * as `health`.
   */
  freeze(target: Target, by: string): void {
    this.#targets.of(target).telemetry.freeze(by)
  }

  thaw(target: Target, by: string): void {
    this.#targets.of(target).telemetry.thaw(by)
  }

  started({ target }: Attempt): void {
    this.#targets.of(target).telemetry.inFlight++
  }

  judged({ target, startedAt, answeredAt, outcome, headers }: Attempt, verdict: Verdict, now: number): void {
    if (outcome?.kind !== 'response') return
    const state = this.#targets.of(target)
    const header = headers[orcaHeader]
    if (header !== undefined && now - state.listenedAt >= listenEveryMs) {
      state.listenedAt = now
      const said = readOrca(typeof header === 'string' ? header : (header.at(-1) ?? ''))
      if (said !== undefined) state.telemetry.say(said, now)
    }
    if (verdict !== 'success' || answeredAt === undefined) return
    state.telemetry.measure(answeredAt - startedAt, now)
    state.telemetry.learn(now, this.#staleMs)
  }

  ended({ target }: Attempt): void {
    this.#targets.of(target).telemetry.inFlight--
  }
}
