import { Flights, type Send, type Timing } from './flights.ts'
import type { Schedule } from './schedule.ts'
import type { Tally } from './tally.ts'

/** How long a look at the timeouts may be late. */
const SWEEP_MS = 10

export type OpenLoop = {
  readonly schedule: Schedule
  readonly durationMs: number
  readonly timeoutMs: number
  readonly send: Send
  readonly timing: Timing
  readonly tally: Tally
  /** Ends the load at once; what is under way stays unfinished. */
  readonly interrupted: AbortSignal
}

/**
 * Starts requests when the schedule says, whether or not earlier ones have been answered, as users do. A request that is
 * sent late, because this process or its connections are busy, counts from when it should have been sent: a stall shows in
 * as many requests as it would have hit. Resolves with the milliseconds it took, when all are answered or given up.
 */
export function runOpenLoop({ schedule, durationMs, timeoutMs, send, timing, tally, interrupted }: OpenLoop): Promise<number> {
  return new Promise(resolve => {
    const beganAt = timing.now()
    const flights = new Flights(send, tally, timing.now, timeoutMs)
    let nextAt = schedule()
    let cancel = (): void => {}
    let finished = false

    const finish = (): void => {
      if (finished) return
      finished = true
      cancel()
      interrupted.removeEventListener('abort', finish)
      resolve(timing.now() - beganAt)
    }
    const over = (): boolean => nextAt >= durationMs && timing.now() - beganAt >= durationMs && flights.size === 0
    const landed = (): void => {
      if (over()) finish()
    }
    const tick = (): void => {
      const elapsed = timing.now() - beganAt
      while (nextAt <= elapsed && nextAt < durationMs) {
        const intendedAt = beganAt + nextAt
        nextAt = schedule()
        flights.launch(intendedAt, landed)
      }
      flights.expire(timing.now())
      if (over()) finish()
      if (finished) return
      const wait = elapsed < durationMs ? Math.min(nextAt, durationMs) - elapsed : SWEEP_MS
      cancel = timing.later(Math.min(SWEEP_MS, Math.max(0, wait)), tick)
    }

    interrupted.addEventListener('abort', finish)
    if (interrupted.aborted) finish()
    else tick()
  })
}
