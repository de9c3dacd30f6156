import type { Clock } from '../time/clock.ts'

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves it on. Throws a RangeError for a negative number of milliseconds: no clock of the gateway goes back. */
  advance(ms: number): void
}

/** A clock for tests, at the given number of milliseconds. What became due is noticed at the gateway's next look, within 10 ms. */
export function fakeClock(startAt = 0): FakeClock {
  let now = startAt
  return Object.assign(() => now, {
    advance(ms: number) {
      if (!(ms >= 0)) throw new RangeError(`a clock does not go back: ${ms}`)
      now += ms
    }
  })
}
