import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Attempt } from '../model/attempt.ts'
import type { Group, UpstreamTimeouts } from '../model/group.ts'
import type { FailureReason, Outcome } from '../model/outcome.ts'
import type { Target } from '../model/target.ts'
import type { Timed } from '../time/deadlines.ts'
import { afterThisTurn } from '../time/next-turn.ts'
import type { AttemptOwner } from './attempt-owner.ts'
import { Download, type DownloadObserver } from './download.ts'
import { failureReason, isUnprocessed } from './failure.ts'
import { idleMs } from './long-answer.ts'
import type { ResponseFields } from './response-headers.ts'
import { tellVerdict } from './telling.ts'
import type { UploadObserver } from './upload.ts'

type Phase = 'connecting' | 'sending' | 'waiting' | 'gathering' | 'streaming' | 'ended'

/**
 * One attempt under way: undici's handler for it, and its clock. No timer runs while it waits for the client. Whatever undici
 * still says after its end goes unheard.
 */
export class LiveAttempt implements Attempt, Dispatcher.DispatchHandler, Timed, UploadObserver, DownloadObserver {
  /** Whose policies are told. */
  readonly group: Group
  readonly target: Target
  readonly startedAt: number
  answeredAt: number | undefined
  endedAt: number | undefined
  outcome: Outcome | undefined
  status = 0
  headers: IncomingHttpHeaders = {}
  /** The answer's fields as the client gets them. */
  fields: ResponseFields = {}
  readonly chunks: Buffer[] = []
  gatheredBytes = 0
  download: Download | undefined
  /** Its answer goes to the client, and nobody has said yet how good it is. */
  owesVerdict = false

  dueAt: number
  previous: Timed | undefined
  next: Timed | undefined

  readonly #owner: AttemptOwner
  readonly #timeouts: UpstreamTimeouts
  readonly #gatherLimit: number
  /** How long the answer may pause. */
  #idleMs = 0
  #phase: Phase = 'connecting'
  #controller: Dispatcher.DispatchController | undefined

  /** `gatherLimit` is the most bytes that a gathered answer may have. */
  constructor(owner: AttemptOwner, group: Group, target: Target, gatherLimit: number, now: number) {
    const { timeouts } = group
    this.#owner = owner
    this.group = group
    this.target = target
    this.#timeouts = timeouts
    this.#gatherLimit = gatherLimit
    this.startedAt = now
    this.dueAt = Math.min(now + timeouts.connectMs, owner.deadlineAt)
  }

  /** False as long as it is certain that no byte of the request left, or that the target did nothing with it. */
  get sent(): boolean {
    return this.#controller !== undefined
  }

  /** Gives it up: the connection is closed, or never made. */
  abort(): void {
    if (this.#phase === 'ended') return
    this.end()
    this.#controller?.abort(new Error('given up'))
  }

  end(): void {
    this.#phase = 'ended'
    this.dueAt = Number.POSITIVE_INFINITY
  }

  due(now: number): void {
    const reason = this.#phase === 'connecting' ? 'connect-timeout' : 'timeout'
    this.#fail(reason, now)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#phase === 'ended') {
      controller.abort(new Error('given up'))
      return
    }
    this.#controller = controller
    this.#phase = 'sending'
    this.dueAt = this.#owner.deadlineAt
  }

  /** Not in undici's types, but called by its HTTP/1 and HTTP/2 clients once the last byte of the request is written. */
  onRequestSent(): void {
    if (this.#phase !== 'sending') return
    this.#phase = 'waiting'
    this.dueAt = Math.min(this.#owner.clock() + this.#timeouts.responseMs, this.#owner.deadlineAt)
  }

  waitsForTarget(): void {
    if (this.#phase === 'sending') this.dueAt = Math.min(this.#owner.clock() + this.#timeouts.idleMs, this.#owner.deadlineAt)
  }

  waitsForClient(): void {
    if (this.#phase === 'sending') this.dueAt = Number.POSITIVE_INFINITY
  }

  received(): void {
    this.#owner.uploaded(this.#owner.clock())
    this.waitsForTarget()
  }

  tooLarge(): void {
    this.#owner.refused('EG_BODY_TOO_LARGE')
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#phase === 'ended') return
    if (status < 200) {
      this.#owner.informed(status, headers)
      return
    }
    const now = this.#owner.clock()
    this.answeredAt = now
    this.status = status
    this.headers = headers
    this.#idleMs = idleMs(headers, this.#timeouts)
    const handling = this.#owner.answered(this, now)
    if (handling === 'refuse') {
      this.#fail('protocol', now)
      return
    }
    if (handling === 'stream') {
      this.#stream(controller, now)
      return
    }
    this.#phase = 'gathering'
    this.#progressed(now)
    if (handling === 'hold') afterThisTurn(() => this.#letGo(controller))
  }

  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex
  ): void {
    const now = this.#owner.clock()
    this.status = status
    this.headers = headers
    if (this.#phase === 'ended') socket.destroy()
    else if (this.#owner.switched(this, socket, now)) this.answeredAt = now
    else this.#refuse(socket, now)
  }

  #refuse(socket: Duplex, now: number): void {
    socket.on('error', () => {}).destroy()
    this.#fail('protocol', now)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase === 'streaming') {
      this.#progressed(this.#owner.clock())
      if (this.owesVerdict) tellVerdict(this, this.#owner.clock())
      this.download?.add(chunk)
    } else if (this.#phase === 'gathering') {
      this.chunks.push(chunk)
      this.gatheredBytes += chunk.length
      if (this.gatheredBytes > this.#gatherLimit) this.#overflow(controller)
      else this.#progressed(this.#owner.clock())
    }
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.#phase === 'ended') return
    // Only a stream has them.
    if (Object.keys(trailers).length > 0) this.#letGo(controller)
    const streaming = this.#phase === 'streaming'
    const now = this.#owner.clock()
    this.end()
    if (streaming) this.#owner.streamed(this, trailers, now)
    else this.#owner.gathered(this, now)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#phase === 'ended') return
    if (isUnprocessed(error)) this.#controller = undefined
    this.#fail(failureReason(error, this.sent), this.#owner.clock())
  }

  /** Only an answer that would be tried again is kept beyond what is small. */
  #overflow(controller: Dispatcher.DispatchController): void {
    const now = this.#owner.clock()
    if (this.outcome !== undefined && this.#owner.overflowed(this, this.outcome, now)) this.abort()
    else this.#letGo(controller)
  }

  /** What was gathered so far begins to go to the client. */
  #letGo(controller: Dispatcher.DispatchController): void {
    if (this.#phase !== 'gathering') return
    this.#stream(controller, this.#owner.clock())
    for (const chunk of this.chunks) this.onResponseData(controller, chunk)
    this.chunks.length = 0
  }

  #stream(controller: Dispatcher.DispatchController, now: number): void {
    this.#phase = 'streaming'
    this.#progressed(now)
    this.download = new Download(controller, this)
    this.#owner.streaming(this, this.download, now)
  }

  #fail(reason: FailureReason, now: number): void {
    this.abort()
    this.answeredAt ??= now
    this.#owner.failed(this, reason, now)
  }

  /** A gathered answer is not the client's yet: it has what is left of the time until an answer begins. */
  #progressed(now: number): void {
    if (this.#phase === 'streaming') this.dueAt = now + this.#idleMs
    else this.dueAt = Math.min(now + Math.min(this.#idleMs, this.#timeouts.responseMs), this.#owner.deadlineAt)
  }

  paused(): void {
    if (this.#phase === 'streaming') this.dueAt = Number.POSITIVE_INFINITY
  }

  resumed(): void {
    if (this.#phase === 'streaming') this.#progressed(this.#owner.clock())
  }

  abandoned(): void {
    this.#owner.abandoned()
  }
}
