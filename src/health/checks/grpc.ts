import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Socket } from 'node:net'
import type { Cancel, Scheduler } from '../../time/scheduler.ts'
import type { Check, CheckResult } from '../check.ts'
import type { Dialer } from './dial.ts'
import { failed, failedOf, tooLate } from './failure.ts'
import { GrpcAnswer } from './grpc-answer.ts'
import { checkRequest } from './grpc-messages.ts'
import { Trial } from './trial.ts'

export interface GrpcCheckOptions {
  readonly origin: string
  /** Offers `h2` where the target speaks TLS; else HTTP/2 is spoken without asking. */
  readonly dialer: Dialer
  readonly timeoutMs: number
  readonly service: string
}

/** Calls grpc.health.v1.Health/Check. The connection is kept from check to check. */
export class GrpcCheck implements Check {
  readonly #options: GrpcCheckOptions
  readonly #scheduler: Scheduler
  #session: ClientHttp2Session | undefined

  constructor(options: GrpcCheckOptions, scheduler: Scheduler) {
    this.#options = options
    this.#scheduler = scheduler
  }

  run(done: (result: CheckResult) => void): Cancel {
    const { timeoutMs } = this.#options
    const call = new Call()
    const trial = new Trial<CheckResult>(
      { scheduler: this.#scheduler, timeoutMs },
      done,
      awaited => tooLate(awaited, timeoutMs),
      () => {
        // Without a whole answer nobody knows whether the connection still works.
        if (!call.answered) this.close()
        call.socket?.destroy()
        call.stream?.close(constants.NGHTTP2_CANCEL)
      }
    )
    const kept = this.#session
    if (kept !== undefined && !kept.closed && !kept.destroyed) this.#ask(kept, call, trial, () => this.#open(call, trial))
    else this.#open(call, trial)
    return trial.giveUp
  }

  close(): void {
    this.#session?.destroy()
    this.#session = undefined
  }

  #open(call: Call, trial: Trial<CheckResult>): void {
    this.close()
    const { dialer, origin } = this.#options
    const socket = dialer.dial()
    call.socket = socket
    const refused = (error: Error) => trial.end(failedOf(error, false))
    socket.on('error', refused)
    socket.once(dialer.readyEvent, () => {
      if (trial.over) return
      socket.off('error', refused)
      call.socket = undefined
      const session = connect(origin, { createConnection: () => socket })
      // Its end is seen by the stream, or at the next check.
      session.on('error', () => {})
      session.unref()
      this.#session = session
      this.#ask(session, call, trial, error => trial.end(failedOf(error, true)))
    })
  }

  /** `broken` is called when the connection turns out not to work before anything was answered. */
  #ask(session: ClientHttp2Session, call: Call, trial: Trial<CheckResult>, broken: (error: unknown) => void): void {
    const { service, timeoutMs } = this.#options
    trial.awaits = 'answer'
    const stream = request(session, timeoutMs)
    if (!('on' in stream)) {
      broken(stream.error)
      return
    }
    call.stream = stream
    const answer = new GrpcAnswer(stream)
    let error: unknown
    stream.on('error', reason => (error = reason))
    stream.once('response', () => (trial.awaits = 'end of the answer'))
    stream.once('close', () => {
      if (trial.over) return
      call.stream = undefined
      if (!answer.begun) {
        broken(error)
        return
      }
      call.answered = answer.complete
      trial.end(answer.complete ? answer.judge() : failed('reset', 'connection broken before the answer was complete'))
    })
    stream.end(checkRequest(service))
  }
}

/** What a run holds, to be let go with it. */
class Call {
  socket: Socket | undefined
  stream: ClientHttp2Stream | undefined
  answered = false
}

/** A session may end at any moment, which is then told by throwing. */
function request(session: ClientHttp2Session, timeoutMs: number): ClientHttp2Stream | { readonly error: unknown } {
  try {
    return session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${Math.min(Math.ceil(timeoutMs), 99_999_999)}m`,
      'user-agent': 'evergate'
    })
  } catch (error) {
    return { error }
  }
}
