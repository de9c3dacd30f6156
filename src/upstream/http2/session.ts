import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'
import { UpstreamFailure } from '../../model/upstream-failure.ts'
import type { Cancel, Scheduler } from '../../time/scheduler.ts'
import type { Dialer } from './dial.ts'
import type { Http2Exchange, StreamSource } from './exchange.ts'
import { sessionFailure } from './failures.ts'
import { Vigil, type VigilTimes } from './vigil.ts'

/** How sessions are made and kept. Times in milliseconds. */
export interface SessionOptions {
  readonly origin: URL
  readonly dialer: Dialer
  readonly scheduler: Scheduler
  /** Until the peer's SETTINGS have come. */
  readonly connectMs: number
  /** How long one without streams is kept. */
  readonly idleMs: number
  /** Streams at once, if the peer allows as many. */
  readonly streams: number
  readonly vigil: VigilTimes
}

/** Told what becomes of a session. */
export interface SessionOwner {
  /** It takes streams: it is ready, or has room again. */
  roomy(): void
  /** It never became ready. */
  failed(session: Http2Session, error: Error): void
  /** It takes no more streams. */
  drained(session: Http2Session): void
  /** Nothing is left of it. */
  gone(session: Http2Session): void
}

/** What an upstream may make this process keep. */
const memory = {
  settings: {
    enablePush: false,
    /** What a stream may send before it is read, in bytes: kept when the client is slower. */
    initialWindowSize: 256 * 1024,
    maxHeaderListSize: 64 * 1024
  },
  maxHeaderListPairs: 200,
  /** Megabytes of a session as a whole. */
  maxSessionMemory: 64
}
/** A stream that nobody reads does not use it up: Node counts it as read. */
const sessionWindowBytes = 4 * 1024 * 1024

/** One HTTP/2 connection to a target. It is ready once the peer's SETTINGS have come: before, nothing is sent on it. */
export class Http2Session implements StreamSource {
  readonly #options: SessionOptions
  readonly #owner: SessionOwner
  readonly #vigil: Vigil
  #socket: Socket
  #session: ClientHttp2Session | undefined
  #state: 'connecting' | 'ready' | 'draining' | 'gone' = 'connecting'
  #cancel: Cancel
  #error: unknown
  /** Of GOAWAY: the peer does nothing with streams above it. */
  #lastStream = Number.POSITIVE_INFINITY
  #limit = 0
  readonly #exchanges = new Set<Http2Exchange>()

  constructor(options: SessionOptions, owner: SessionOwner) {
    this.#options = options
    this.#owner = owner
    this.#vigil = new Vigil(
      {
        heardBytes: () => this.#socket.bytesRead,
        isBusy: () => this.streams > 0,
        ping: answered => this.#ping(answered),
        lost: () => this.#lost()
      },
      options.scheduler,
      options.vigil
    )
    const { dialer, scheduler, connectMs } = options
    const tooLate = () => this.#finish(new UpstreamFailure('connect-timeout', 'no connection in time'))
    this.#cancel = scheduler.after(connectMs, tooLate)
    const socket = dialer.dial()
    this.#socket = socket
    socket.on('error', error => this.#connecting && this.#finish(this.#session === undefined ? error : sessionFailure(error)))
    // Later the session says so itself, and lets what has come already be read.
    socket.once('close', () => this.#connecting && this.#finish(sessionFailure(this.#error)))
    socket.once(dialer.readyEvent, () => this.#begin(socket))
  }

  get streams(): number {
    return this.#exchanges.size
  }

  get isConnecting(): boolean {
    return this.#state === 'connecting'
  }

  /** How many more streams it takes now. */
  get room(): number {
    return this.#state === 'ready' ? Math.max(0, this.#limit - this.streams) : 0
  }

  /** The peer takes none at all. */
  get isClosedToAll(): boolean {
    return this.#state === 'ready' && this.#limit === 0
  }

  carry(exchange: Http2Exchange): void {
    this.#exchanges.add(exchange)
    this.#cancel()
    if (this.streams === 1) this.#session?.ref()
    exchange.start(this, () => this.#released(exchange))
  }

  open(fields: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream {
    // Only a session that is ready has room.
    const stream = (this.#session as ClientHttp2Session).request(fields, { endStream })
    this.#vigil.watch()
    return stream
  }

  leftOut(stream: ClientHttp2Stream): boolean {
    return stream.id !== undefined && stream.id > this.#lastStream
  }

  /** Takes no more streams, and ends with the last that it has. */
  close(): void {
    if (this.#connecting) this.destroy()
    else this.#drain()
    this.#session?.close()
  }

  destroy(): void {
    this.#session?.destroy()
    this.#socket.destroy()
    this.#finish(sessionFailure(undefined))
  }

  get #connecting(): boolean {
    return this.#state === 'connecting'
  }

  #begin(socket: Socket): void {
    if (!this.#connecting) return
    const { dialer, origin } = this.#options
    const objection = dialer.objection(socket)
    if (objection !== undefined) {
      this.#finish(objection)
      return
    }
    const session = connect(origin.origin, { createConnection: () => socket, ...memory })
    this.#session = session
    session.on('error', error => (this.#error = error))
    session.once('connect', () => session.setLocalWindowSize(sessionWindowBytes))
    session.on('remoteSettings', ({ maxConcurrentStreams = Number.POSITIVE_INFINITY }) => this.#allowed(maxConcurrentStreams))
    session.on('goaway', (_code, lastStream) => {
      this.#lastStream = Math.min(this.#lastStream, lastStream)
      this.#drain()
    })
    // Not in a client's life: push is refused.
    session.on('stream', stream => stream.destroy())
    session.once('close', () => this.#finish(sessionFailure(this.#error)))
  }

  #allowed(streams: number): void {
    this.#limit = Math.min(streams, this.#options.streams)
    if (this.#connecting) {
      this.#state = 'ready'
      this.#cancel()
      this.#owner.roomy()
      if (this.streams === 0) this.#rest()
    } else if (this.room > 0) {
      this.#owner.roomy()
    }
  }

  #released(exchange: Http2Exchange): void {
    this.#exchanges.delete(exchange)
    if (this.room > 0) this.#owner.roomy()
    if (this.streams === 0) this.#rest()
  }

  #rest(): void {
    this.#session?.unref()
    if (this.#state === 'ready') this.#cancel = this.#options.scheduler.after(this.#options.idleMs, () => this.close())
  }

  #ping(answered: () => void): void {
    // One that is refused, since the session ends, is not answered either.
    this.#session?.ping(error => error === null && answered())
  }

  /** Nobody is there any more; an answer that has come whole may still be read. A peer that has done its work may leave, too. */
  #lost(): void {
    this.#drain()
    const waiting = [...this.#exchanges].filter(exchange => !exchange.isWhole)
    if (waiting.length === this.streams) this.#session?.destroy()
    else for (const exchange of waiting) exchange.fail(new UpstreamFailure('reset', 'nobody is there any more'))
    this.#session?.close()
  }

  /** A session that is closed before its first stream was of no use to those who wait. */
  #drain(): void {
    if (this.#connecting) this.#finish(sessionFailure(undefined))
    if (this.#state !== 'ready') return
    this.#state = 'draining'
    this.#cancel()
    this.#owner.drained(this)
  }

  #finish(error: Error): void {
    const before = this.#state
    if (before === 'gone') return
    this.#state = 'gone'
    this.#cancel()
    this.#vigil.stop()
    if (before === 'connecting') {
      this.#session?.destroy()
      this.#socket.destroy()
      this.#owner.failed(this, error)
    }
    this.#owner.gone(this)
  }
}
