import { Dispatcher } from 'undici'
import type { TlsTexts } from '../../model/pem.ts'
import { originOf } from '../../model/unix-socket.ts'
import { UpstreamFailure } from '../../model/upstream-failure.ts'
import type { Timed } from '../../time/deadlines.ts'
import { DueQueue } from '../../time/due-queue.ts'
import { processScheduler, type Scheduler } from '../../time/scheduler.ts'
import { http2Dialer } from './dial.ts'
import { Http2Exchange } from './exchange.ts'
import { requestFields } from './fields.ts'
import { Http2Session, type SessionOwner } from './session.ts'
import { type VigilTimes, vigilTimes } from './vigil.ts'

/** How to reach an origin over HTTP/2. Times in milliseconds. */
export interface Http2Options {
  readonly tls: TlsTexts
  /** Until a connection may be used; as long a request waits for one with room. */
  readonly connectMs: number
  readonly scheduler?: Scheduler
  /** How long a connection without streams is kept. */
  readonly idleMs?: number
  /** Streams at once on one connection, if the target allows as many. */
  readonly streams?: number
  /** Connections at once. */
  readonly sessions?: number
  readonly vigil?: VigilTimes
}

/**
 * The connections to one origin over `node:http2`, as a dispatcher of undici. Requests share one connection until it has no room;
 * one is made at a time, for all who wait.
 */
export class Http2Dispatcher extends Dispatcher implements SessionOwner {
  readonly #origin: URL
  readonly #connect: () => Http2Session
  readonly #mostSessions: number
  readonly #waitMs: number
  readonly #scheduler: Scheduler
  readonly #queue: DueQueue
  readonly #waiting = new Set<Waiting>()
  /** Those that take streams, or will. */
  readonly #sessions = new Set<Http2Session>()
  /** Those that only end what they have. */
  readonly #draining = new Set<Http2Session>()
  #isSharing = false
  #closed: (() => void)[] | undefined

  /** `url` names an origin, or a Unix socket. */
  constructor(url: string, options: Http2Options) {
    super()
    const { scheduler = processScheduler, connectMs, tls, idleMs = 60_000, streams = 256, sessions = 64 } = options
    this.#origin = new URL(originOf(url))
    this.#scheduler = scheduler
    this.#waitMs = connectMs
    this.#mostSessions = sessions
    this.#queue = new DueQueue(scheduler)
    const dialer = http2Dialer(url, tls)
    const { vigil = vigilTimes } = options
    this.#connect = () => new Http2Session({ origin: this.#origin, dialer, scheduler, connectMs, idleMs, streams, vigil }, this)
  }

  /** Connections that are open or being made, the streams on them, and who waits. */
  get stats(): { readonly sessions: number; readonly streams: number; readonly waiting: number } {
    const all = [...this.#sessions, ...this.#draining]
    return { sessions: all.length, streams: all.reduce((sum, { streams }) => sum + streams, 0), waiting: this.#waiting.size }
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const exchange = new Http2Exchange(requestFields(options, this.#origin), options.body, handler)
    if (this.#closed !== undefined) {
      exchange.fail(new UpstreamFailure('refused', 'the connections are closed'))
      return false
    }
    const session = this.#waiting.size === 0 ? this.#withRoom() : undefined
    if (session === undefined) this.#wait(exchange)
    else session.carry(exchange)
    return true
  }

  /** Takes nothing more, and resolves when all that is under way has ended. */
  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | undefined {
    const done = new Promise<void>(resolve => {
      this.#closed = [...(this.#closed ?? []), resolve]
    })
    this.#failWaiting(new UpstreamFailure('refused', 'the connections are closed'))
    for (const session of [...this.#sessions]) session.close()
    this.#settle()
    if (callback === undefined) return done
    void done.then(callback)
    return undefined
  }

  /** Ends all, whatever is under way. */
  override destroy(): Promise<void>
  override destroy(error: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | undefined {
    const callback = typeof first === 'function' ? first : second
    const done = this.close()
    for (const session of [...this.#sessions, ...this.#draining]) session.destroy()
    if (callback === undefined) return done
    void done.then(callback)
    return undefined
  }

  roomy(): void {
    // Those who were given up meanwhile make room again at once: by one loop, not by one within the other.
    if (this.#isSharing) return
    this.#isSharing = true
    for (const waiting of this.#waiting) {
      const session = this.#withRoom()
      if (session === undefined) break
      this.#leave(waiting)
      session.carry(waiting.exchange)
    }
    this.#isSharing = false
    if (this.#waiting.size > 0) this.#grow()
  }

  failed(session: Http2Session, error: Error): void {
    this.#sessions.delete(session)
    // As long as others end their streams, waiting may still help.
    if (this.#sessions.size === 0) this.#failWaiting(error)
  }

  drained(session: Http2Session): void {
    this.#sessions.delete(session)
    this.#draining.add(session)
    if (this.#waiting.size > 0) this.#grow()
  }

  gone(session: Http2Session): void {
    this.#sessions.delete(session)
    this.#draining.delete(session)
    if (this.#closed !== undefined) this.#settle()
    else if (this.#waiting.size > 0 && this.#sessions.size === 0) this.#grow()
  }

  #withRoom(): Http2Session | undefined {
    for (const session of this.#sessions) if (session.room > 0) return session
    return undefined
  }

  #wait(exchange: Http2Exchange): void {
    const waiting = new Waiting(exchange, this.#scheduler.now() + this.#waitMs, () => this.#waiting.delete(waiting))
    this.#waiting.add(waiting)
    this.#queue.add(waiting)
    this.#grow()
  }

  #leave(waiting: Waiting): void {
    this.#waiting.delete(waiting)
    this.#queue.remove(waiting)
  }

  /** Makes one more connection, unless one is being made, there are enough, or more would not help. */
  #grow(): void {
    if (this.#closed !== undefined || this.#sessions.size >= this.#mostSessions) return
    for (const session of this.#sessions) if (session.isConnecting || session.isClosedToAll) return
    this.#sessions.add(this.#connect())
  }

  #failWaiting(error: Error): void {
    const all = [...this.#waiting]
    for (const waiting of all) this.#leave(waiting)
    for (const { exchange } of all) exchange.fail(error)
  }

  #settle(): void {
    if (this.#sessions.size + this.#draining.size === 0) for (const done of this.#closed ?? []) done()
  }
}

/** A request for which no connection has room. */
class Waiting implements Timed {
  previous: Timed | undefined
  next: Timed | undefined
  readonly exchange: Http2Exchange
  readonly dueAt: number
  readonly #leave: () => void

  constructor(exchange: Http2Exchange, dueAt: number, leave: () => void) {
    this.exchange = exchange
    this.dueAt = dueAt
    this.#leave = leave
  }

  due(): void {
    this.#leave()
    this.exchange.fail(new UpstreamFailure('connect-timeout', 'no connection with room in time'))
  }
}
