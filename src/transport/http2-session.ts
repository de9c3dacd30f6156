import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Cancel, Scheduler } from '../time/scheduler.ts'
import { Allowance } from './allowance.ts'
import { readHead } from './http2-head.ts'
import { Http2Request } from './http2-request.ts'
import { Http2Response } from './http2-response.ts'
import type { ConnectionRefusal } from './refused.ts'

/** What all sessions of a listener have in common. Times in milliseconds. */
export interface Http2Parts {
  readonly scheduler: Scheduler
  /** For the SETTINGS that a client begins with. */
  readonly headersMs: number
  /** Without a stream. */
  readonly keepAliveMs: number
  serve(request: Http2Request, response: Http2Response): void
  /** Why a session was ended that broke the rules. */
  refused(reason: ConnectionRefusal): void
}

/**
 * Streams that a client resets, or has reset by what it sends, and PING and SETTINGS, which cost it nothing: so many at once, and so
 * many a second (CVE-2023-44487, CVE-2025-8671, CVE-2019-9512, CVE-2019-9515). nghttp2 would allow a burst of as many resets.
 */
const burst = 1000
const perSecond = 100

/** How long a client that was told of the end may keep its connection. */
const partingMs = 5000

/** NGHTTP2_ERR_FLOODED: answers that the client does not read pile up. */
const flooded = -904

/** One client's HTTP/2 connection: how long it may be idle, and what is too much of what it sends. */
export class Http2Session {
  readonly #session: ServerHttp2Session
  readonly #socket: Socket
  readonly #parts: Http2Parts
  readonly #resets: Allowance
  readonly #noise: Allowance
  #streams = 0
  #idleSince: number
  #began = false
  #endsSoon = false
  #cancel: Cancel

  constructor(session: ServerHttp2Session, socket: Socket, parts: Http2Parts) {
    const { scheduler, headersMs, keepAliveMs } = parts
    this.#session = session
    this.#socket = socket
    this.#parts = parts
    this.#resets = new Allowance(burst, perSecond, scheduler.now)
    this.#noise = new Allowance(burst, perSecond, scheduler.now)
    this.#idleSince = scheduler.now()
    this.#cancel = scheduler.after(Math.min(headersMs, keepAliveMs), this.#look)
    session.on('stream', (stream, headers, _flags, raw) => this.#take(stream, headers, raw))
    session.on('remoteSettings', () => {
      this.#began = true
      this.#hear()
    })
    session.on('ping', () => this.#hear())
    session.on('error', error => this.#failed(error))
    socket.on('close', () => this.#cancel())
  }

  get idle(): boolean {
    return this.#streams === 0
  }

  /** Tells the client to open no more streams; those under way finish, and the connection ends with the last. */
  end(): void {
    if (this.#session.closed || this.#session.destroyed) return
    this.#session.close()
    this.#later(partingMs)
  }

  /** As `end`, but for one that has just come, once it has asked for something. */
  endSoon(): void {
    this.#endsSoon = true
  }

  /** Resets the streams under way. */
  cut(): void {
    this.#session.destroy()
    this.#socket.destroy()
  }

  #take(stream: ServerHttp2Stream, headers: NodeJS.Dict<string | string[]>, raw: readonly string[]): void {
    // What is wrong with it is told by its end.
    stream.on('error', () => {})
    if (stream.destroyed) {
      this.#reset()
      return
    }
    this.#streams++
    stream.on('close', () => this.#closed(stream))
    const request = new Http2Request(stream, readHead(headers, raw), this.#socket)
    this.#parts.serve(request, new Http2Response(stream, request))
    if (this.#endsSoon) this.end()
  }

  #closed({ rstCode }: ServerHttp2Stream): void {
    if (rstCode !== constants.NGHTTP2_NO_ERROR) this.#reset()
    if (--this.#streams > 0) return
    this.#idleSince = this.#parts.scheduler.now()
    if (this.#session.closed) this.#later(partingMs)
  }

  #reset(): void {
    if (!this.#resets.take()) this.#refuse('http2-resets')
  }

  #hear(): void {
    if (!this.#noise.take()) this.#refuse('http2-flood')
  }

  /** More than anybody needs who means well. */
  #refuse(reason: ConnectionRefusal): void {
    if (this.#session.destroyed) return
    this.#parts.refused(reason)
    this.#session.destroy(new Error(reason), constants.NGHTTP2_ENHANCE_YOUR_CALM)
  }

  /** Node has ended it. A client that said why it leaves broke no rule, and one that is gone said nothing. */
  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES' || error.errno === flooded) this.#parts.refused('http2-flood')
    else if (error.code === 'ERR_HTTP2_ERROR') this.#parts.refused('http2-malformed')
  }

  #later(ms: number): void {
    this.#cancel()
    if (!this.#socket.destroyed) this.#cancel = this.#parts.scheduler.after(ms, this.#look)
  }

  /** Whether it has been idle for too long: asked once in a while, so that no request costs a timer. */
  readonly #look = (): void => {
    const { scheduler, headersMs, keepAliveMs } = this.#parts
    const quietMs = scheduler.now() - this.#idleSince
    if (this.#session.destroyed) this.#socket.destroy()
    else if (this.#streams > 0) this.#later(keepAliveMs)
    else if (this.#session.closed) this.cut()
    else if (!this.#began && quietMs < headersMs) this.#later(headersMs - quietMs)
    else if (!this.#began) {
      this.#parts.refused('http2-timeout')
      this.cut()
    } else if (quietMs < keepAliveMs) this.#later(keepAliveMs - quietMs)
    else this.end()
  }
}
