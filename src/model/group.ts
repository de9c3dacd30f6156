import type { Dispatcher } from 'undici'
import type { Admitting } from './admitting.ts'
import type { AttemptObserver } from './attempt.ts'
import type { Gates } from './gate.ts'
import type { Hedging } from './hedging.ts'
import type { Picker } from './picker.ts'
import type { Selector } from './selector.ts'
import type { Target } from './target.ts'

/** When and how an exchange may try again. Times in milliseconds. */
export interface RetryRules {
  /** Attempts of one exchange, the first included. */
  readonly attempts: number
  /** Failures by reason (`connect`, `reset`, `timeout`) and answers by status that may be tried again. */
  readonly on: ReadonlySet<string | number>
  /** Smallest and largest ceiling of the random wait before going back to a target. */
  readonly backoffMs: readonly [number, number]
  /** Whether other than idempotent methods may be sent twice: never, always, or with an `Idempotency-Key`. */
  readonly unsafe: boolean | 'idempotency-key'
}

/** Bounds what retries may add to a group's load. */
export interface Budget {
  request(now: number): void
  /** Whether one more retry fits now. */
  admits(now: number): boolean
  /** Counts a retry that was made. */
  spend(now: number): void
}

/** Milliseconds. */
export interface UpstreamTimeouts {
  readonly connectMs: number
  readonly responseMs: number
  readonly idleMs: number
  /** How long nothing may go through a tunnel. */
  readonly tunnelMs: number
}

/** A named set of targets with its policies. Built once from the configuration; what changes is inside the policies. */
export interface Group {
  readonly name: string
  /** In the order of the configuration. */
  readonly targets: readonly Target[]
  /** The same, and those of the fallback groups after them: what plugins narrow. */
  readonly candidates: readonly Target[]
  has(target: Target): boolean
  /** Takes over when none of the targets is left. */
  readonly fallback?: Group
  readonly picker: Picker
  readonly selector: Selector
  readonly gates: Gates
  readonly observers: readonly AttemptObserver[]
  readonly retry: RetryRules
  readonly budget: Budget
  /** Absent: any number of requests may be under way. */
  readonly admission?: Admitting
  /** Absent: no attempt gets a rival. */
  readonly hedging?: Hedging
  readonly timeouts: UpstreamTimeouts
  /** Half of the latest answers began within so many milliseconds; 0 where nothing is known. */
  typicalMs(now: number): number
  /** The connections to a target of this group. */
  dispatcher(target: Target): Dispatcher
}
