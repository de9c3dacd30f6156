/** How many requests (1 at least), and in how many milliseconds. */
export interface Rule {
  readonly limit: number
  readonly windowMs: number
}

/** What one key has used of one limit. Every `now` is at or after the one before. */
export interface Usage {
  /** How many requests may still pass now: a whole number; 0 or less is none. */
  room(rule: Rule, now: number): number
  /** Counts a request that passes, whether or not there is room. */
  take(rule: Rule, now: number): void
  /** Milliseconds until there is room, where there is none now. */
  waitMs(rule: Rule, now: number): number
  /** Milliseconds until all that was taken is given back; 0 where nobody can say. */
  resetMs(rule: Rule, now: number): number
  /** Whether it is as if nothing had ever been taken, so that it may be forgotten. */
  isOver(rule: Rule, now: number): boolean
}
