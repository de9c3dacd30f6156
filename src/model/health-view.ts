import type { Target } from './target.ts'
import type { TelemetryVector } from './telemetry.ts'

/** What the active checks say of themselves. */
export interface HealthView {
  healthOf(target: Target): { readonly state: 'passing' | 'failing' | 'unchecked' | 'off'; readonly last: string | undefined }
  /** Told when a target turns, by whatever showed it. */
  onChange(listener: () => void): void
  /** A target says that it is alive, may be believed for `leaseMs` milliseconds, and how it is. */
  beat(target: Target, leaseMs: number, vector: TelemetryVector | undefined, now: number): void
  start(): void
  stop(): void
}
