import { Flights, type Send, type Timing } from './flights.ts'
import type { LoadOutcome } from './outcome.ts'
import type { Tally } from './tally.ts'

const SWEEP_MS = 10

export type ClosedLoop = {
  /** How many requests are under way at any moment. */
  readonly connections: number
  readonly durationMs: number
  readonly timeoutMs: number
  readonly send: Send
  readonly timing: Timing
  readonly tally: Tally
  /** Ends the load at once; what is under way stays unfinished. */
  readonly interrupted: AbortSignal
}

/**
 * Keeps a number of requests under way: the next is sent when one was answered. It finds how much there can be done, and
 * hides every wait from the requests that a slow answer kept from being sent. Resolves with the milliseconds it took.
 */
export function runClosedLoop(loop: ClosedLoop): Promise<number> {
  const { connections, durationMs, timeoutMs, send, timing, tally, interrupted } = loop
  return new Promise(resolve => {
    const beganAt = timing.now()
    const flights = new Flights(send, tally, timing.now, timeoutMs)
    let waiting = 0
    let cancel = (): void => {}
    let finished = false

    const finish = (): void => {
      if (finished) return
      finished = true
      cancel()
      interrupted.removeEventListener('abort', finish)
      resolve(timing.now() - beganAt)
    }
    const over = (): boolean => timing.now() - beganAt >= durationMs
    const next = (): void => flights.launch(timing.now(), landed)
    const landed = (outcome: LoadOutcome): void => {
      if (finished) return
      // Who cannot connect is asked again at the next sweep, or nobody listening would be a busy loop.
      if (outcome.kind === 'failure') waiting++
      else if (!over()) next()
      if (over() && flights.size === 0) finish()
    }
    const tick = (): void => {
      cancel = timing.later(SWEEP_MS, tick)
      flights.expire(timing.now())
      const again = over() ? 0 : waiting
      waiting = 0
      for (let count = 0; count < again; count++) next()
      if (over() && flights.size === 0) finish()
    }

    interrupted.addEventListener('abort', finish)
    if (interrupted.aborted) {
      finish()
      return
    }
    waiting = connections
    tick()
  })
}
