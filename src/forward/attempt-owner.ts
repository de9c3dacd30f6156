import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '../model/errors.ts'
import type { FailureReason, Outcome } from '../model/outcome.ts'
import type { Download } from './download.ts'
import type { LiveAttempt } from './live-attempt.ts'

/**
 * What to do with an answer whose headers are there. One of unknown length is held until what came together with its headers is
 * read: if it is broken there, or complete, it never was a stream.
 */
export type Handling = 'gather' | 'hold' | 'stream' | 'refuse'

/** The exchange that an attempt belongs to. Each attempt ends in exactly one of `gathered`, `streamed` and `failed`, or is replaced when it has `overflowed`. */
export interface AttemptOwner {
  clock(): number
  /** When the client's answer must have begun. */
  readonly deadlineAt: number
  informed(status: number, headers: IncomingHttpHeaders): void
  answered(attempt: LiveAttempt, now: number): Handling
  /** The answer's headers may go to the client, and its body follows as this. */
  streaming(attempt: LiveAttempt, download: Download, now: number): void
  gathered(attempt: LiveAttempt, now: number): void
  /** A gathered answer is too long to keep: true when another attempt takes its place, else it is the client's. */
  overflowed(attempt: LiveAttempt, outcome: Outcome, now: number): boolean
  /** The last byte of a streamed answer is on its way. */
  streamed(attempt: LiveAttempt, trailers: IncomingHttpHeaders, now: number): void
  /** The target speaks another protocol from now on. False when that is not what the client asked for. */
  switched(attempt: LiveAttempt, socket: Duplex, now: number): boolean
  failed(attempt: LiveAttempt, reason: FailureReason, now: number): void
  /** The client has sent the whole request. */
  uploaded(now: number): void
  /** The client's request is at fault. */
  refused(code: ErrorCode): void
  /** The client reads no more of a streamed answer. */
  abandoned(): void
}
