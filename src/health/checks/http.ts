import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import type { UpstreamProtocol } from '../../model/upstream-protocol.ts'
import type { Cancel, Scheduler } from '../../time/scheduler.ts'
import type { Check, CheckResult } from '../check.ts'
import type { Dialer } from './dial.ts'
import { tooLate } from './failure.ts'
import { type Expectation, gaveUp, HttpRequest } from './http-request.ts'
import { Trial } from './trial.ts'

export interface HttpCheckOptions extends Expectation {
  /** What a `Host` is made of. */
  readonly origin: string
  readonly dialer: Dialer
  readonly protocol: UpstreamProtocol
  readonly timeoutMs: number
  /** How long a connection waits for the next check, unless the target says less. */
  readonly keepMs: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** Sends a request and looks at status and body. The connection is kept from check to check. */
export class HttpCheck implements Check {
  readonly #options: HttpCheckOptions
  readonly #scheduler: Scheduler
  #client: Client
  #connecting: Socket | undefined
  #connections = 0

  constructor(options: HttpCheckOptions, scheduler: Scheduler) {
    this.#options = options
    this.#scheduler = scheduler
    this.#client = this.#open()
  }

  run(done: (result: CheckResult) => void): Cancel {
    const { timeoutMs } = this.#options
    const connectionsBefore = this.#connections
    let again = true
    const trial = new Trial<CheckResult>(
      { scheduler: this.#scheduler, timeoutMs },
      done,
      awaited => tooLate(awaited, timeoutMs),
      () => {
        request.abort()
        // Without a whole answer nobody knows whether the connection still works.
        if (!request.complete) this.#renew()
      }
    )
    // A target may close a kept connection at the moment of the request, which is no sign of ill health.
    const retry = () => {
      if (!again || this.#connections !== connectionsBefore) return false
      again = false
      this.#renew()
      this.#dispatch(request)
      return true
    }
    const request: HttpRequest = new HttpRequest(this.#options, trial, retry)
    this.#dispatch(request)
    return trial.giveUp
  }

  close(): void {
    this.#connecting?.destroy(gaveUp)
    void this.#client.destroy()
  }

  #open(): Client {
    return new Client(this.#options.origin, {
      connect: (_place, made) => this.#connect(made),
      pipelining: 1,
      // Checks keep their own time.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: this.#options.keepMs
    })
  }

  /** A client whose HTTP/2 connection has failed may hold on to it for ever. */
  #renew(): void {
    this.close()
    this.#client = this.#open()
  }

  #dispatch(request: HttpRequest): void {
    const { path, headers, method } = this.#options
    // undici takes every method that is a token; its type lists the usual ones.
    this.#client.dispatch({ path, headers, method: method as Dispatcher.HttpMethod, body: null }, request)
  }

  /** undici's own way to connect keeps time itself, and cannot be given up. */
  #connect(made: (...result: [null, Socket] | [Error, null]) => void): void {
    const { dialer, protocol } = this.#options
    const socket = dialer.dial()
    this.#connections++
    this.#connecting = socket
    const failed = (error: Error) => {
      if (this.#connecting !== socket) return
      this.#connecting = undefined
      made(error, null)
    }
    // It stays for what a socket that has failed may say besides.
    socket.on('error', failed)
    socket.once(dialer.readyEvent, () => {
      this.#connecting = undefined
      if (protocol === 'http2' && !('alpnProtocol' in socket && socket.alpnProtocol === 'h2')) {
        made(noHttp2(), null)
        socket.destroy()
        return
      }
      // By this undici tells which protocol to speak; a TLS socket has it from its handshake.
      if (protocol === 'h2c') Object.assign(socket, { alpnProtocol: 'h2' })
      made(null, socket)
    })
  }
}

const noHttp2 = () => Object.assign(new Error('HTTP/2 was not agreed on'), { code: 'ERR_ALPN_NOT_HTTP2' })
