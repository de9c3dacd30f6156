import type { Timed } from '../time/deadlines.ts'

/** When a second attempt is made beside one that is slow. */
export interface Hedging {
  /** Milliseconds after which an attempt is slower than it should be; undefined while too little is known, or too much was hedged. */
  delayMs(now: number): number | undefined
  /** Tells an exchange when its attempt has taken so long, unless it is `unwatch`ed before. */
  watch(entry: Timed): void
  unwatch(entry: Timed): void
  /** Counts a hedge; false when the budget has no room for it. */
  spend(now: number): boolean
  /** What became of one: whether the second attempt was the one that answered. */
  settled(won: boolean): void
}
