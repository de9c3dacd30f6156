import type { Random } from '../time/random.ts'

/** What a request gets: it waits, and then goes on or is aborted, by a status or by dropping its connection. */
export interface Fault {
  /** Milliseconds; 0: it does not wait. */
  readonly delayMs: number
  /** Undefined: it goes on. */
  readonly abort: number | 'reset' | undefined
}

/** What of a request decides whether it may get a fault. */
export interface FaultyRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Without the question mark. */
  readonly search: string
}

/** Faults on purpose. */
export interface Faulting {
  /** What this request gets; undefined: nothing. */
  draw(request: FaultyRequest, random: Random): Fault | undefined
}
