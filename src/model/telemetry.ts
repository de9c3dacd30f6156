import type { Target } from './target.ts'

/** How a target says it is. What it does not say is absent. */
export interface TelemetryVector {
  /** 0..1. */
  readonly cpu?: number
  /** 0..1. */
  readonly memory?: number
  /** Milliseconds. */
  readonly latency?: number
  readonly inFlight?: number
}

/** What is known of the targets' own state. */
export interface TelemetryView {
  /** The latest word; undefined when there is none, or it is too old. */
  latest(target: Target, now: number): TelemetryVector | undefined
  /** What it was like while the target was well: frozen when it fails its checks or is ejected. Undefined when never known. */
  lastHealthy(target: Target): TelemetryVector | undefined
}
