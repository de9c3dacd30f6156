/** The order in which requests are let in: what must be served first, what may wait, and what may be lost. */
export const priorities = ['critical', 'default', 'low'] as const
export type Priority = (typeof priorities)[number]

/** A request that waits for its turn. Exactly one of `admit` and `shed` is called, unless it leaves by itself. */
export interface Waiting {
  readonly priority: Priority
  admit(): void
  shed(): void
}

/** Ends a request's part in what is under way, or its waiting; calling it again does nothing. */
export type Leave = (now: number) => void

/** Decides how many requests of a group are under way at once. */
export interface Admitting {
  /** How many may be under way, are, and wait. */
  readonly limit: number
  readonly inFlight: number
  readonly waiting: number
  /** Lets a request in at once, makes it wait, or sheds it: one of `admit` and `shed` is called, now or later. */
  enter(waiting: Waiting, now: number): Leave
}
