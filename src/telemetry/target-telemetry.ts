import type { TelemetryVector } from '../model/telemetry.ts'
import { mixed, weightOfNew } from './decaying-mean.ts'

export type Field = keyof TelemetryVector

const fields: readonly Field[] = ['cpu', 'memory', 'latency', 'inFlight']

interface Said {
  readonly value: number
  readonly at: number
}

/** Milliseconds: how fast the gateway's own measure follows, and how far back the healthy state is remembered. */
const measureTimeConstant = 10_000
const healthyTimeConstant = 60_000

/** The healthy state is slow: ten looks a second are more than it needs. */
const learnEveryMs = 100

/** What is known of one target. */
export class TargetTelemetry {
  inFlight = 0
  readonly #said = new Map<Field, Said>()
  /** Who says that it is not well now. */
  readonly #frozenBy = new Set<string>()
  #latency = 0
  #measuredAt = Number.NEGATIVE_INFINITY
  #healthy: Partial<Record<Field, number>> | undefined
  #learnedAt = Number.NEGATIVE_INFINITY

  say(vector: TelemetryVector, now: number): void {
    for (const field of fields) {
      const value = vector[field]
      if (value !== undefined) this.#said.set(field, { value, at: now })
    }
  }

  /** The gateway's own measure of an answer that was good. */
  measure(latencyMs: number, now: number): void {
    this.#latency = mixed(this.#latency, latencyMs, weightOfNew(now - this.#measuredAt, measureTimeConstant))
    this.#measuredAt = now
  }

  /** Undefined where nothing is known that is not older than `staleMs`. What it does not say is the gateway's own measure. */
  latest(now: number, staleMs: number): TelemetryVector | undefined {
    const vector: Partial<Record<Field, number>> = {}
    for (const [field, { value, at }] of this.#said) if (now - at <= staleMs) vector[field] = value
    const measured = now - this.#measuredAt <= staleMs
    if (measured) vector.latency ??= this.#latency
    // A count is never old: a target that has stopped answering shows by it.
    if (measured || this.inFlight > 0) vector.inFlight ??= this.inFlight
    return Object.keys(vector).length === 0 ? undefined : vector
  }

  get healthy(): TelemetryVector | undefined {
    return this.#healthy
  }

  freeze(by: string): void {
    this.#frozenBy.add(by)
  }

  thaw(by: string): void {
    this.#frozenBy.delete(by)
  }

  /** Takes the state of now into what the target is like while it is well. */
  learn(now: number, staleMs: number): void {
    if (this.#frozenBy.size > 0 || now - this.#learnedAt < learnEveryMs) return
    const latest = this.latest(now, staleMs)
    if (latest === undefined) return
    const weight = weightOfNew(now - this.#learnedAt, healthyTimeConstant)
    this.#learnedAt = now
    // A new object each time: whoever was given the one before still has it as it was.
    const healthy = { ...this.#healthy }
    for (const field of fields) {
      const fresh = latest[field]
      if (fresh !== undefined) healthy[field] = mixed(healthy[field] ?? fresh, fresh, weight)
    }
    this.#healthy = healthy
  }
}
