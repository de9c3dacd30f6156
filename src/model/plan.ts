import type { Group } from './group.ts'
import type { Outcome } from './outcome.ts'
import type { Target } from './target.ts'

/** What of a request decides whether it may be sent again. */
export interface Repeatable {
  readonly method: string
  readonly hasIdempotencyKey: boolean
  /** Its body can be sent from the start again. */
  readonly replayable: boolean
}

/** A target, and the group whose policies an attempt there goes by. */
export interface Place {
  readonly group: Group
  readonly target: Target
}

/** The attempt that follows a failed one, and how long to wait before it. */
export interface NextStep extends Place {
  readonly waitMs: number
}

/** What the hook chain leaves for the forwarder: where to go first, and where to go when that fails. */
export interface Plan {
  readonly first: Place
  /**
   * The place itself as long as it admits traffic, for when something was waited for before an attempt; else another one,
   * undefined when none does.
   */
  admitted(place: Place, now: number): Place | undefined
  /** Whether another attempt could follow this outcome, as far as can be told without choosing its target. */
  mayFollow(outcome: Outcome, request: Repeatable, now: number): boolean
  /** Where an attempt beside one that is under way may go: to an untried target of the same group. */
  beside(now: number): Place | undefined
  /** The attempt that follows, which is then counted as made; undefined where this outcome is the end. */
  after(outcome: Outcome, request: Repeatable, now: number): NextStep | undefined
}
