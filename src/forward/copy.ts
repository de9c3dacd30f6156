import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { HeardAnswer, Mirroring, MirrorPlace } from '../model/mirroring.ts'
import type { FailureReason } from '../model/outcome.ts'
import type { Timed } from '../time/deadlines.ts'
import type { AttemptOwner, Handling } from './attempt-owner.ts'
import type { Download } from './download.ts'
import type { ForwarderParts } from './forwarder.ts'
import { Heard } from './heard.ts'
import { LiveAttempt } from './live-attempt.ts'
import { tellEnd, tellStart, tellVerdict } from './telling.ts'

/** The most that is read of an answer which nobody gets, in bytes. */
const mostRead = 1024 * 1024

/** Told once when a copy is over: its answer, `sent` where it was too long or took too long to be read to its end, or `failed`. */
export type CopyEnd = (came: HeardAnswer | 'sent' | 'failed') => void

/**
 * A copy of a request on its way to a mirror: one attempt, by that group's timeouts and within the time of the exchange. Its
 * answer is read and thrown away.
 */
export class Copy implements AttemptOwner, Timed {
  dueAt: number
  previous: Timed | undefined
  next: Timed | undefined
  /** The whole of it, the reading of the answer included. */
  readonly deadlineAt: number

  readonly #mirror: Mirroring
  readonly #place: MirrorPlace
  readonly #parts: ForwarderParts
  readonly #end: CopyEnd
  #live: LiveAttempt | undefined
  #read = 0

  constructor(mirror: Mirroring, place: MirrorPlace, deadlineAt: number, parts: ForwarderParts, end: CopyEnd) {
    this.#mirror = mirror
    this.#place = place
    this.#parts = parts
    this.#end = end
    this.deadlineAt = deadlineAt
    this.dueAt = deadlineAt
  }

  clock(): number {
    return this.#parts.clock()
  }

  begin(request: Dispatcher.DispatchOptions, now: number): void {
    const { group } = this.#mirror
    const live = new LiveAttempt(this, group, this.#place.target, 0, now)
    this.#live = live
    tellStart(live, now)
    this.#parts.deadlines.add(live)
    group.dispatcher(this.#place.target).dispatch(request, live)
  }

  /** A copy asks for none. */
  switched(): boolean {
    return false
  }

  answered(attempt: LiveAttempt): Handling {
    if (attempt.status > 599) return 'refuse'
    attempt.outcome = { kind: 'response', status: attempt.status }
    return 'stream'
  }

  streaming(attempt: LiveAttempt, download: Download, now: number): void {
    tellVerdict(attempt, now)
    this.#parts.deadlines.add(this)
    const heard = new Heard(attempt.status, attempt.headers)
    download.on('data', (chunk: Buffer) => {
      this.#read += chunk.length
      if (this.#mirror.compares) heard.add(chunk)
      if (this.#read > mostRead) this.#leave('sent')
    })
    download.once('end', () => this.#leave(heard.answer))
  }

  streamed(attempt: LiveAttempt): void {
    attempt.download?.finish()
  }

  failed(attempt: LiveAttempt, reason: FailureReason, now: number): void {
    attempt.outcome = { kind: 'failure', reason, sent: attempt.sent }
    tellVerdict(attempt, now)
    this.#leave('failed')
  }

  /** An answer that has begun takes too long. */
  due(): void {
    this.#leave('sent')
  }

  /** Nothing more comes of it. */
  #leave(came: HeardAnswer | 'sent' | 'failed'): void {
    const live = this.#live
    if (live === undefined) return
    this.#live = undefined
    const now = this.clock()
    this.#parts.deadlines.remove(this)
    this.#parts.deadlines.remove(live)
    tellEnd(live, now)
    live.abort()
    this.#place.leave(now)
    this.#end(came)
  }

  // What concerns a client, of whom there is none.

  informed(_status: number, _headers: IncomingHttpHeaders): void {}
  gathered(): void {}
  overflowed(): boolean {
    return false
  }
  uploaded(): void {}
  refused(): void {}
  abandoned(): void {}
}
