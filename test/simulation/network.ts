import type { Dispatcher } from 'undici'
import type { Scheduler } from '../../src/time/scheduler.ts'

/** A request at a server. One of `answer` and `reset` ends it, unless it is abandoned before. */
export interface Job {
  /** The gateway waits for it no longer. */
  readonly abandoned: boolean
  /** Called when the gateway gives it up; a server that sets nothing does not notice. */
  onAbandoned: (() => void) | undefined
  answer(status: number, headers?: Readonly<Record<string, string>>): void
  /** The connection breaks. */
  reset(): void
}

export interface Server {
  /** What it is at work on, or has waiting. */
  readonly inFlight: number
  take(job: Job): void
}

/** What stands between a gateway and a server at a moment, or what the server does in place of its work. */
export type Condition =
  | 'well'
  /** Nobody listens. */
  | 'refusing'
  /** A connection is never made. */
  | 'unreachable'
  /** The request is taken, and nothing comes back. */
  | 'silent'
  /** The connection breaks once the request is there. */
  | 'resetting'
  /** The answer breaks off in its body. */
  | 'breaking'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }

/** One server's place in the network. */
export interface Site {
  readonly server: Server
  readonly condition?: (now: number) => Condition
}

/** How long it takes to learn that nobody listens, or that a connection broke. */
const noticeMs = 1

/** All servers by origin. In the place of undici's pools: every request gets a connection at once. */
export class Network {
  readonly #scheduler: Scheduler
  readonly #sites: ReadonlyMap<string, Site>

  constructor(scheduler: Scheduler, sites: ReadonlyMap<string, Site>) {
    this.#scheduler = scheduler
    this.#sites = sites
  }

  /** Throws a RangeError for an origin where there is no server. */
  to(origin: string): Dispatcher {
    this.#at(origin)
    const dispatch = (_options: unknown, handler: Dispatcher.DispatchHandler) => {
      this.#carry(origin, handler)
      return true
    }
    // Of a dispatcher the forwarder uses this method only.
    return { dispatch } as unknown as Dispatcher
  }

  /** What a request would meet there now. */
  conditionOf(origin: string): Condition {
    return this.#at(origin).condition?.(this.#scheduler.now()) ?? 'well'
  }

  #at(origin: string): Site {
    const site = this.#sites.get(origin)
    if (site === undefined) throw new RangeError(`there is no server at ${origin}`)
    return site
  }

  #carry(origin: string, handler: Dispatcher.DispatchHandler): void {
    const { server } = this.#at(origin)
    const state = this.conditionOf(origin)
    const call = new Call(handler)
    switch (state) {
      case 'refusing':
        this.#scheduler.after(noticeMs, () => call.refuse())
        return
      case 'unreachable':
        return
    }
    call.start()
    switch (state) {
      case 'well':
        server.take(call)
        return
      case 'silent':
        return
      case 'resetting':
        this.#scheduler.after(noticeMs, () => call.reset())
        return
      case 'breaking':
        this.#scheduler.after(noticeMs, () => call.breakOff())
        return
      default:
        this.#scheduler.after(noticeMs, () => call.answer(state.status, state.headers))
    }
  }
}

/** One request on its way, as undici tells the forwarder of it. */
class Call implements Job {
  abandoned = false
  onAbandoned: (() => void) | undefined
  readonly #handler: Dispatcher.DispatchHandler
  readonly #controller: Dispatcher.DispatchController

  constructor(handler: Dispatcher.DispatchHandler) {
    this.#handler = handler
    const abort = () => {
      if (this.abandoned) return
      this.abandoned = true
      this.onAbandoned?.()
    }
    // The forwarder aborts and, where it streams, pauses. Nothing is streamed here: every answer says its length.
    this.#controller = { abort, pause() {}, resume() {} } as unknown as Dispatcher.DispatchController
  }

  start(): void {
    this.#handler.onRequestStart?.(this.#controller, {})
    // Not in undici's types, see `LiveAttempt`.
    const { onRequestSent } = this.#handler as { onRequestSent?(): void }
    if (!this.abandoned) onRequestSent?.call(this.#handler)
  }

  answer(status: number, headers: Readonly<Record<string, string>> = {}): void {
    if (this.abandoned) return
    this.#handler.onResponseStart?.(this.#controller, status, { 'content-length': '0', ...headers })
    if (!this.abandoned) this.#handler.onResponseEnd?.(this.#controller, {})
  }

  refuse(): void {
    this.#handler.onResponseError?.(this.#controller, refused)
  }

  reset(): void {
    if (!this.abandoned) this.#handler.onResponseError?.(this.#controller, broken)
  }

  breakOff(): void {
    if (this.abandoned) return
    this.#handler.onResponseStart?.(this.#controller, 200, { 'content-length': '10' })
    this.reset()
  }
}

// Made once, since a stack costs more than all the rest of a refused attempt.
const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
const broken = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
