import type { FailureReason } from '../model/outcome.ts'
import type { TelemetryVector } from '../model/telemetry.ts'
import type { Cancel } from '../time/scheduler.ts'

/** Why a check failed: what an attempt can fail of, or an answer that is not the expected one. */
export type CheckFailure = FailureReason | 'status' | 'body'

/** What a check came to. `text` is for operators: `status 200`, `connection refused`. */
export type CheckResult =
  /** `vector` is what the answer says of the target's state. */
  | { readonly ok: true; readonly text: string; readonly vector?: TelemetryVector }
  | { readonly ok: false; readonly failure: CheckFailure; readonly text: string }

/** A way to ask one target. It may keep a connection from one run to the next. */
export interface Check<Result = CheckResult> {
  /**
   * Asks once, one run at a time. `done` comes exactly once, or not at all once the run is given up by what is returned. Never
   * throws.
   */
  run(done: (result: Result) => void): Cancel
  /** Ends what it keeps. No run follows. */
  close(): void
}
