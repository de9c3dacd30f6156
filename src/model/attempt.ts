import type { Outcome } from './outcome.ts'
import type { Target } from './target.ts'
import type { Verdict } from './verdict.ts'

/** One try of an exchange at one target, as policies, logs and metrics see it. */
export interface Attempt {
  readonly target: Target
  readonly startedAt: number
  /** When its answer began, or when it ended without one. */
  readonly answeredAt: number | undefined
  /** When nothing more could come of it. */
  readonly endedAt: number | undefined
  readonly outcome: Outcome | undefined
  /** Of the answer, names in lower case; empty before it. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Told of every attempt of a group. */
export interface AttemptObserver {
  started?(attempt: Attempt, now: number): void
  /** Comes once for most attempts; a stream that breaks after a good start is judged again. */
  judged?(attempt: Attempt, verdict: Verdict, now: number): void
  /** The target has nothing more to do with the attempt. Comes exactly once for each `started`. */
  ended?(attempt: Attempt, now: number): void
  /** Another attempt follows one that came to this: the status or the reason. */
  retried?(reason: string): void
}
