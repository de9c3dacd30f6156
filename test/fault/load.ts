import { Pool } from 'undici'
import type { Send, Timing } from '../../src/load/flights.ts'
import { runOpenLoop } from '../../src/load/open-loop.ts'
import type { Schedule } from '../../src/load/schedule.ts'
import { Tally } from '../../src/load/tally.ts'
import { monotonicClock } from '../../src/time/clock.ts'
import { type Random, seededRandom } from '../../src/time/random.ts'
import { checkedSend } from './checked-send.ts'

/** When a client gives up. */
const patienceMs = 10_000

export const priorities = ['critical', 'default', 'low'] as const
export type Priority = (typeof priorities)[number]
/** The share of each; 0.2, 0.4 and 0.4. */
const prioritySteps: readonly (readonly [number, Priority])[] = [
  [0.2, 'critical'],
  [0.6, 'default'],
  [1, 'low']
]

export interface Load {
  /** Requests a second, as from many independent users. */
  readonly rate: number
  /** Of all requests, 0..1. */
  readonly postShare?: number
  /** Whether requests say their priority. */
  readonly prioritised?: boolean
  /** The rate from the beginning of the fault on, where it is another. */
  readonly peak?: number
}

/** Milliseconds from the beginning of the load: when the fault begins, and when no more requests are sent. */
export interface Span {
  readonly faultMs: number
  readonly endMs: number
}

/** One request and what became of it. Instants are those of the process's monotonic clock. */
export interface Sent {
  readonly id: string
  readonly method: 'GET' | 'POST'
  readonly priority: Priority
  readonly intendedAt: number
  endedAt: number
  /** What is wrong with it, in a few words; undefined when it was answered as it should be. */
  wrong: string | undefined
  /** Whether it came to an end that a client sees: an answer, or its patience's end. The others say nothing about latency. */
  waited: boolean
}

const timing: Timing = {
  now: monotonicClock,
  // Late by up to a millisecond, which counts as latency: a turning event loop would take a core from the others.
  later: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  }
}

/** Exponentially distributed distances with the rate of the moment. */
function schedule({ rate, peak = rate }: Load, faultMs: number, random: Random): Schedule {
  let at = 0
  return () => {
    // 1 - random() is above 0 and at most 1, so the logarithm is finite.
    at -= (Math.log(1 - random()) * 1000) / (at < faultMs ? rate : peak)
    return at
  }
}

function priorityOf(drawn: number): Priority {
  return prioritySteps.find(([below]) => drawn < below)?.[1] ?? 'low'
}

/**
 * Puts load on an origin for so long, whether or not it answers, and resolves with every request when all have ended. The same
 * load sends the same requests at the same instants each time.
 */
export async function putLoad(origin: string, load: Load, { faultMs, endMs }: Span, interrupted: AbortSignal): Promise<Sent[]> {
  const random = seededRandom(11)
  const pool = new Pool(origin, { connections: 2048, pipelining: 1 })
  const sent: Sent[] = []
  const intended: number[] = []
  const beganAt = monotonicClock()
  const next = schedule(load, faultMs, seededRandom(13))
  const noted: Schedule = () => {
    const at = next()
    intended.push(at)
    return at
  }
  const send: Send = done => {
    const id = String(sent.length)
    // The schedule is asked in the order in which requests are sent, each time before.
    const intendedAt = beganAt + (intended[sent.length] as number)
    const method = random() < (load.postShare ?? 0) ? 'POST' : 'GET'
    const priority = load.prioritised ? priorityOf(random()) : 'default'
    const one: Sent = { id, method, priority, intendedAt, endedAt: Number.POSITIVE_INFINITY, wrong: 'unfinished', waited: false }
    sent.push(one)
    const headers: Record<string, string> = load.prioritised ? { 'x-priority': priority } : {}
    const cancel = checkedSend(pool, { id, method, headers }, (outcome, wrong) => {
      one.endedAt = monotonicClock()
      one.wrong = wrong
      one.waited = outcome.kind === 'answer'
      done(outcome)
    })
    return () => {
      one.endedAt = monotonicClock()
      one.wrong = `no answer within ${patienceMs / 1000} s`
      one.waited = true
      cancel()
    }
  }
  try {
    const limits = { durationMs: endMs, timeoutMs: patienceMs }
    await runOpenLoop({ ...limits, schedule: noted, send, timing, tally: new Tally(), interrupted })
    return sent
  } finally {
    await pool.destroy()
  }
}
