import type { ErrorCode } from '../model/errors.ts'
import type { Exchange } from '../model/exchange.ts'
import type { Repeatable } from '../model/plan.ts'
import type { Deadlines, Timed } from '../time/deadlines.ts'
import type { Client } from './client.ts'
import { RequestBody } from './request-body.ts'

/** Whom the reception of a request serves. */
export interface ReceptionOwner {
  clock(): number
  /** As much of the request is here as is waited for: attempts may begin. */
  received(now: number): void
  /** The client's request is at fault. */
  refused(code: ErrorCode): void
}

/**
 * Takes in the request of one exchange: how much, and for how long, a client may send. While it does, no target is at fault
 * and no other time runs; the exchange's begins when all is here.
 */
export class Reception implements Timed {
  readonly body: RequestBody
  dueAt = Number.POSITIVE_INFINITY
  previous: Timed | undefined
  next: Timed | undefined

  readonly #exchange: Exchange
  readonly #client: Client
  readonly #deadlines: Deadlines
  readonly #owner: ReceptionOwner
  #beganAt = 0

  constructor(exchange: Exchange, client: Client, deadlines: Deadlines, owner: ReceptionOwner) {
    this.#exchange = exchange
    this.#client = client
    this.#deadlines = deadlines
    this.#owner = owner
    this.body = new RequestBody(client.request, mostBytes(exchange), () => this.#permit())
  }

  /** What of the request decides whether it may be sent again. */
  get repeatable(): Repeatable {
    const { method, headers } = this.#client.request
    // A parsed request has a method.
    return { method: method as string, hasIdempotencyKey: 'idempotency-key' in headers, replayable: this.body.replayable }
  }

  begin(now: number): void {
    const { route, callDeadlineAt = Number.POSITIVE_INFINITY } = this.#exchange
    this.#beganAt = now
    if (this.body.kind === 'none') {
      this.complete(now)
      this.#owner.received(now)
    } else if (this.body.isTooLarge) {
      this.tooLarge()
    } else {
      const receiveMs = route.receiveMs > 0 ? this.#receiveMs : Number.POSITIVE_INFINITY
      this.dueAt = Math.min(now + receiveMs, callDeadlineAt)
      this.#deadlines.add(this)
      this.body.collect(route.bufferBytes, this)
    }
  }

  /** A client that waits for permission to send its body gets it now that somebody reads it. */
  #permit(): void {
    const { request, response } = this.#client
    if (request.httpVersion !== '1.0' && request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  }

  collected(): void {
    const now = this.#owner.clock()
    if (this.body.complete) this.complete(now)
    this.#owner.received(now)
  }

  tooLarge(): void {
    this.#owner.refused('EG_BODY_TOO_LARGE')
  }

  due(): void {
    this.#owner.refused('EG_CLIENT_TIMEOUT')
  }

  /** The client has sent all of it. */
  complete(now: number): void {
    this.end()
    const { startedAt, timeoutMs } = this.#exchange
    // What it has waited for its turn, and for hooks, is a part of its time.
    const deadlineAt = now + timeoutMs - (this.#beganAt - startedAt)
    this.#exchange.deadlineAt = Math.min(deadlineAt, this.#exchange.callDeadlineAt ?? deadlineAt)
    this.#exchange.receiveMs = now - this.#beganAt
    this.#exchange.isOversize = this.body.isLongerThan(this.#exchange.route.maxBodyBytes)
  }

  /** A client that says nothing has nothing to say, in a conversation, and may be as long silent as a target. */
  get #receiveMs(): number {
    const { route, group } = this.#exchange
    return this.body.isConversation ? Math.max(route.receiveMs, group.timeouts.tunnelMs) : route.receiveMs
  }

  /** Nobody waits for the client any more. */
  end(): void {
    this.#deadlines.remove(this)
  }
}

/** A route that only observes takes whatever comes. */
const mostBytes = ({ route }: Exchange) => (route.observe ? Number.POSITIVE_INFINITY : route.maxBodyBytes)
