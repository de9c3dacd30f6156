import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ErrorCode, GatewayError } from '../model/errors.ts'
import type { Exchange } from '../model/exchange.ts'
import { isSafe } from '../model/methods.ts'
import type { FailureReason, Outcome } from '../model/outcome.ts'
import type { NextStep, Place, Plan } from '../model/plan.ts'
import { judge } from '../model/verdict.ts'
import { type Answer, isSmall, outcomeOf, wholeAnswer } from './answer.ts'
import type { AttemptOwner, Handling } from './attempt-owner.ts'
import type { Client } from './client.ts'
import type { Copies } from './copies.ts'
import type { Download } from './download.ts'
import { failureCode } from './failure.ts'
import type { ForwarderParts } from './forwarder.ts'
import { LiveAttempt } from './live-attempt.ts'
import { Pause } from './pause.ts'
import { Reception, type ReceptionOwner } from './reception.ts'
import { Rivals, type RivalsOwner } from './rivals.ts'
import { switchingFields, tunnelTerms } from './switching.ts'
import { tellAnswered, tellAnswering, tellVerdict } from './telling.ts'
import { Translation } from './translation.ts'
import { chosenProtocol } from './upgrade.ts'

/** An answer of at most this many bytes and of known length is gathered, so that one that breaks half way is fetched again. */
const gatherBytes = 64 * 1024

/** One exchange being forwarded: attempt after attempt, until the client has its one answer or is gone. */
export class Forwarding implements AttemptOwner, ReceptionOwner, RivalsOwner {
  readonly #exchange: Exchange
  readonly #plan: Plan
  readonly #client: Client
  readonly #parts: ForwarderParts
  readonly #reception: Reception
  readonly #translation: Translation
  readonly #rivals: Rivals
  readonly #pause: Pause
  readonly #copies: Copies | undefined
  /** The latest complete answer, for when no other attempt does better. */
  #kept: Answer | undefined
  #ended = false

  constructor(exchange: Exchange, plan: Plan, client: Client, parts: ForwarderParts, copies?: Copies) {
    this.#exchange = exchange
    this.#plan = plan
    this.#client = client
    this.#parts = parts
    this.#copies = copies
    this.#reception = new Reception(exchange, client, parts.deadlines, this)
    this.#translation = new Translation(exchange, client)
    this.#rivals = new Rivals(exchange, plan, parts.deadlines, this)
    this.#pause = new Pause(parts.deadlines, (place, now) => this.#resume(place, now))
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
    this.#client.response.prependListener('close', () => this.abandoned())
    this.#reception.begin(now)
  }

  received(now: number): void {
    if (this.#ended) return
    // While a body came in, much may have happened to the target that was picked.
    const first = this.#reception.body.kind === 'none' ? this.#plan.first : this.#plan.admitted(this.#plan.first, now)
    // Nobody is to blame for what has waited until its end.
    if (now >= this.deadlineAt) this.#fail('EG_TIMEOUT')
    else if (first === undefined) this.#fail('EG_NO_TARGET')
    else this.attempt(first, now)
  }

  uploaded(now: number): void {
    this.#reception.complete(now)
  }

  /** Much may have happened during the wait. */
  #resume(waitedFor: Place, now: number): void {
    const place = this.#plan.admitted(waitedFor, now)
    if (place !== undefined) this.attempt(place, now)
    else this.#settle(this.#exchange.attempts.at(-1)?.outcome ?? { kind: 'aborted' }, now)
  }

  attempt({ group, target }: Place, now: number): LiveAttempt {
    const { body } = this.#reception
    const live = new LiveAttempt(this, group, target, gatherBytes, now)
    this.#exchange.attempts.push(live)
    this.#rivals.begin(live, now)
    if (this.#rivals.count === 1 && body.kind !== 'stream' && isSafe(this.#method) && this.#client.upgrade === undefined)
      this.#rivals.watch(live, now)
    const request = this.#translation.request(body.length, body.open(live), now)
    group.dispatcher(target).dispatch(request, live)
    this.#copies?.send(request, now)
    return live
  }

  informed(status: number, headers: IncomingHttpHeaders): void {
    this.#translation.informational(status, headers)
  }

  answered(attempt: LiveAttempt, now: number): Handling {
    const { status, headers } = attempt
    const fields = status > 599 ? undefined : this.#translation.response(attempt.target, headers)
    if (fields === undefined) return 'refuse'
    attempt.fields = fields
    attempt.outcome = outcomeOf(status, headers, this.#parts.wallClock)
    // A rival under way may do better than a failure, whether or not a further attempt may.
    const rivalled = this.#rivals.count > 1 && judge(attempt.outcome) === 'failure'
    const final = !rivalled && !this.#plan.mayFollow(attempt.outcome, this.#reception.repeatable, now)
    if (final) this.#rivals.win(attempt, now)
    if (!final || isSmall(this.#method, status, headers, gatherBytes)) return 'gather'
    return headers['content-length'] === undefined ? 'hold' : 'stream'
  }

  streaming(attempt: LiveAttempt, download: Download, now: number): void {
    this.#rivals.win(attempt, now)
    tellAnswering(attempt, now)
    this.#exchange.answeredAt = now
    this.#exchange.leave?.(now)
    this.#client.stream(attempt.status, attempt.fields, download)
  }

  gathered(attempt: LiveAttempt, now: number): void {
    tellVerdict(attempt, now)
    this.#rivals.release(attempt, now)
    this.#kept = wholeAnswer(attempt)
    this.#goOn(attempt.outcome ?? { kind: 'aborted' }, now)
  }

  overflowed(attempt: LiveAttempt, outcome: Outcome, now: number): boolean {
    // With a rival under way it is lost without loss.
    const step = this.#rivals.count > 1 ? undefined : this.#plan.after(outcome, this.#reception.repeatable, now)
    if (step === undefined && this.#rivals.count === 1) return false
    tellVerdict(attempt, now)
    this.#rivals.release(attempt, now)
    if (step !== undefined) this.#follow(step, now)
    return true
  }

  streamed(attempt: LiveAttempt, trailers: IncomingHttpHeaders, now: number): void {
    tellAnswered(attempt, trailers, now)
    this.#rivals.release(attempt, now)
    this.#end()
    this.#translation.trailers(trailers)
    attempt.download?.finish()
  }

  switched(attempt: LiveAttempt, socket: Duplex, now: number): boolean {
    const { upgrade } = this.#client
    const fields = this.#translation.response(attempt.target, attempt.headers)
    const chosen = upgrade && chosenProtocol(upgrade, attempt.headers)
    if (chosen === undefined || fields === undefined) return false
    attempt.outcome = { kind: 'response', status: attempt.status }
    attempt.end()
    this.#rivals.win(attempt, now)
    tellVerdict(attempt, now)
    this.#exchange.answeredAt = now
    this.#end()
    this.#parts.deadlines.remove(attempt)
    const ends = { client: this.#client.switched(switchingFields(fields), chosen), target: socket, protocol: chosen }
    // The target has to do with the attempt until the tunnel closes.
    const ended = () => this.#rivals.release(attempt, this.clock())
    this.#parts.tunnels.open(tunnelTerms(attempt, this.#exchange, ends, ended))
    return true
  }

  failed(attempt: LiveAttempt, reason: FailureReason, now: number): void {
    attempt.outcome = { kind: 'failure', reason, sent: attempt.sent }
    tellVerdict(attempt, now)
    this.#rivals.release(attempt, now)
    if (attempt.download === undefined) {
      this.#goOn(attempt.outcome, now)
    } else {
      this.#end()
      this.#exchange.brokenBy = failureCode(attempt.outcome, false)
      attempt.download.destroy(new GatewayError(this.#exchange.brokenBy)) // told if nothing of the answer was
    }
  }

  /** To the next attempt, or to the client with the best there is; a rival under way may do better. */
  #goOn(outcome: Outcome, now: number): void {
    if (this.#rivals.count > 0) return
    const step = this.#plan.after(outcome, this.#reception.repeatable, now)
    if (step !== undefined) this.#follow(step, now)
    else this.#settle(outcome, now)
  }

  /** No attempt follows. */
  #settle(outcome: Outcome, now: number): void {
    if (this.#kept !== undefined) this.#deliver(this.#kept, now)
    else this.#fail(failureCode(outcome, now >= this.deadlineAt))
  }

  #follow(step: NextStep, now: number): void {
    if (step.waitMs === 0) this.attempt(step, now)
    else this.#pause.begin(step, now)
  }

  /** A parsed request has one. */
  get #method(): string {
    return this.#client.request.method as string
  }

  #deliver(answer: Answer, now: number): void {
    this.#exchange.answeredAt = now
    this.#end()
    this.#client.send(answer.status, answer.fields, answer.body)
  }

  /** The client's request is at fault: no target is. */
  refused(code: ErrorCode): void {
    const answering = this.#exchange.answeredAt !== undefined
    // Who is being answered may take time to send the rest, but a body that loses its end is no longer that request.
    if (this.#ended || (answering && code === 'EG_CLIENT_TIMEOUT')) return
    this.#rivals.giveUp(this.clock())
    if (answering) this.#client.response.destroy()
    if (answering) this.#end()
    else this.#fail(code)
  }

  #fail(code: ErrorCode): void {
    this.#end()
    this.#client.fail(new GatewayError(code))
  }

  /** The client is gone. */
  abandoned(): void {
    if (this.#ended) return
    this.#rivals.giveUp(this.clock())
    this.#end()
  }

  #end(): void {
    this.#ended = true
    this.#exchange.leave?.(this.clock())
    this.#rivals.end()
    this.#reception.end()
    this.#pause.end()
  }
}
