import type { IncomingHttpHeaders } from 'node:http'
import { type ErrorCode, GatewayError } from '../model/errors.ts'
import type { Exchange } from '../model/exchange.ts'
import type { FailureReason, Outcome } from '../model/outcome.ts'
import type { NextStep, Place, Plan } from '../model/plan.ts'
import { retryAfterMs } from '../model/retry-after.ts'
import { judge } from '../model/verdict.ts'
import type { Timed } from '../time/deadlines.ts'
import { type Answer, isSmall, joined } from './answer.ts'
import type { Client } from './client.ts'
import type { Download } from './download.ts'
import { failureCode } from './failure.ts'
import type { ForwarderParts } from './forwarder.ts'
import { type AttemptOwner, type Handling, LiveAttempt } from './live-attempt.ts'
import { Reception, type ReceptionOwner } from './reception.ts'
import type { ResponseFields } from './response-headers.ts'
import { Translation } from './translation.ts'

/** An answer of at most this many bytes and of known length is gathered, so that one that breaks half way is fetched again. */
const gatherBytes = 64 * 1024

/** One exchange being forwarded: attempt after attempt, until the client has its one answer or is gone. */
export class Forwarding implements AttemptOwner, ReceptionOwner, Timed {
  dueAt = Number.POSITIVE_INFINITY
  previous: Timed | undefined
  next: Timed | undefined

  readonly #exchange: Exchange
  readonly #plan: Plan
  readonly #client: Client
  readonly #parts: ForwarderParts
  readonly #reception: Reception
  readonly #translation: Translation
  #live: LiveAttempt | undefined
  /** Where the next attempt goes once its wait is over. */
  #waitingFor: Place | undefined
  /** The fields of the answer under way, as the client gets them. */
  #fields: ResponseFields | undefined
  /** The latest complete answer, for when no other attempt does better. */
  #kept: Answer | undefined
  #ended = false

  constructor(exchange: Exchange, plan: Plan, client: Client, parts: ForwarderParts) {
    this.#exchange = exchange
    this.#plan = plan
    this.#client = client
    this.#parts = parts
    this.#reception = new Reception(exchange, client, parts.deadlines, this)
    this.#translation = new Translation(exchange, client)
  }

  clock(): number {
    return this.#parts.clock()
  }

  get deadlineAt(): number {
    return this.#exchange.deadlineAt
  }

  begin(): void {
    // The client may have left while a hook was waiting for something.
    if (this.#client.response.destroyed) return
    const now = this.clock()
    this.#exchange.group.budget.request(now)
    // Before those who count what became of the request.
    this.#client.response.prependListener('close', () => this.#clientClosed())
    this.#reception.begin(now)
  }

  received(now: number): void {
    if (!this.#ended) this.#attempt(this.#plan.first, now)
  }

  uploaded(now: number): void {
    this.#reception.complete(now)
  }

  tooLarge(): void {
    this.refused('EG_BODY_TOO_LARGE')
  }

  /** The wait before an attempt is over. */
  due(now: number): void {
    this.#parts.deadlines.remove(this)
    if (this.#waitingFor !== undefined) this.#attempt(this.#waitingFor, now)
  }

  #attempt({ group, target }: Place, now: number): void {
    const { attempts } = this.#exchange
    const { body } = this.#reception
    const live = new LiveAttempt(this, group, target, gatherBytes, now)
    this.#live = live
    attempts.push(live)
    for (const observer of group.observers) observer.started?.(live, now)
    this.#parts.deadlines.add(live)
    group.dispatcher(target).dispatch(this.#translation.request(body.length, body.open(live), now), live)
  }

  informed(status: number, headers: IncomingHttpHeaders): void {
    this.#translation.informational(status, headers)
  }

  answered(attempt: LiveAttempt, now: number): Handling {
    const { status, headers } = attempt
    this.#fields = status > 599 ? undefined : this.#translation.response(attempt.target, headers)
    if (this.#fields === undefined) return 'refuse'
    const askedMs = status < 400 ? undefined : retryAfterMs(headers['retry-after'], this.#parts.wallClock())
    attempt.outcome = { kind: 'response', status, retryAfterMs: askedMs }
    const small = isSmall(this.#client.request.method, status, headers, gatherBytes)
    if (!small && !this.#mayFollow(attempt.outcome, now)) return 'stream'
    // What is gathered goes out with its length, beside which Node refuses to announce trailers.
    if ('trailer' in this.#fields) delete this.#fields['trailer']
    return 'gather'
  }

  streaming(download: Download, now: number): void {
    this.#judge(now)
    this.#exchange.answeredAt = now
    this.#client.stream(this.#live?.status ?? 0, this.#fields ?? {}, download)
  }

  gathered(attempt: LiveAttempt, now: number): void {
    this.#judge(now)
    this.#release(now)
    this.#kept = { status: attempt.status, fields: this.#fields ?? {}, body: joined(attempt.chunks) }
    this.#goOn(attempt.outcome ?? { kind: 'aborted' }, now)
  }

  overflowed(outcome: Outcome, now: number): boolean {
    const step = this.#plan.after(outcome, this.#repeatable(), now)
    if (step === undefined) return false
    this.#judge(now)
    this.#release(now)
    this.#follow(step, now)
    return true
  }

  streamed(attempt: LiveAttempt, trailers: IncomingHttpHeaders, now: number): void {
    this.#release(now)
    this.#end()
    this.#translation.trailers(trailers)
    attempt.download?.finish()
  }

  failed(attempt: LiveAttempt, reason: FailureReason, now: number): void {
    attempt.outcome = { kind: 'failure', reason, sent: attempt.sent }
    this.#judge(now)
    this.#release(now)
    if (attempt.download === undefined) {
      this.#goOn(attempt.outcome, now)
      return
    }
    this.#end()
    // Told to the client only if nothing of the answer was.
    attempt.download.destroy(new GatewayError(failureCode(attempt.outcome, false)))
  }

  abandoned(): void {
    this.#clientClosed()
  }

  /** To the next attempt, or to the client with the best there is. */
  #goOn(outcome: Outcome, now: number): void {
    const step = this.#plan.after(outcome, this.#repeatable(), now)
    if (step !== undefined) this.#follow(step, now)
    else if (this.#kept !== undefined) this.#deliver(this.#kept, now)
    else this.#fail(failureCode(outcome, now >= this.deadlineAt))
  }

  #follow(step: NextStep, now: number): void {
    if (step.waitMs === 0) {
      this.#attempt(step, now)
      return
    }
    this.#waitingFor = step
    this.dueAt = now + step.waitMs
    this.#parts.deadlines.add(this)
  }

  #mayFollow(outcome: Outcome, now: number): boolean {
    return this.#plan.mayFollow(outcome, this.#repeatable(), now)
  }

  #repeatable() {
    const { request } = this.#client
    // A parsed request has a method.
    return {
      method: request.method as string,
      hasIdempotencyKey: 'idempotency-key' in request.headers,
      replayable: this.#reception.body.replayable
    }
  }

  #deliver(answer: Answer, now: number): void {
    this.#exchange.answeredAt = now
    this.#end()
    this.#client.send(answer.status, answer.fields, answer.body)
  }

  /** The client's request is at fault: no target is. */
  refused(code: ErrorCode): void {
    if (this.#ended || this.#exchange.answeredAt !== undefined) return
    this.#giveUp()
    this.#fail(code)
  }

  #fail(code: ErrorCode): void {
    this.#end()
    this.#client.fail(new GatewayError(code))
  }

  #clientClosed(): void {
    if (this.#ended) return
    this.#giveUp()
    this.#end()
  }

  #giveUp(): void {
    const live = this.#live
    if (live === undefined) return
    const now = this.clock()
    live.answeredAt ??= now
    live.outcome = { kind: 'aborted' }
    this.#judge(now)
    this.#release(now)
    live.abort()
  }

  #judge(now: number): void {
    const live = this.#live
    if (live?.outcome === undefined) return
    const verdict = judge(live.outcome)
    for (const observer of live.group.observers) observer.judged?.(live, verdict, now)
  }

  #release(now: number): void {
    const live = this.#live
    if (live === undefined) return
    this.#live = undefined
    live.endedAt = now
    this.#parts.deadlines.remove(live)
    for (const observer of live.group.observers) observer.ended?.(live, now)
  }

  #end(): void {
    this.#ended = true
    this.#reception.end()
    this.#parts.deadlines.remove(this)
  }
}
