import type { Exchange } from '../model/exchange.ts'
import type { Hedging } from '../model/hedging.ts'
import { isSafe } from '../model/methods.ts'
import type { Place, Plan } from '../model/plan.ts'
import type { Deadlines } from '../time/deadlines.ts'
import type { Cancel, Scheduler } from '../time/scheduler.ts'
import type { LiveAttempt } from './live-attempt.ts'

/** The attempts of one exchange that are under way: one, or for a safe request two, when the first is slower than it should be. */
export class Rivals {
  readonly #exchange: Exchange
  readonly #plan: Plan
  readonly #deadlines: Deadlines
  readonly #scheduler: Scheduler
  readonly #lives: LiveAttempt[] = []
  #cancel: Cancel | undefined
  #hedging: Hedging | undefined
  #hedge: LiveAttempt | undefined

  constructor(exchange: Exchange, plan: Plan, parts: { readonly deadlines: Deadlines; readonly scheduler: Scheduler }) {
    this.#exchange = exchange
    this.#plan = plan
    this.#deadlines = parts.deadlines
    this.#scheduler = parts.scheduler
  }

  get count(): number {
    return this.#lives.length
  }

  begin(live: LiveAttempt, now: number): void {
    this.#lives.push(live)
    live.begin(now)
    this.#deadlines.add(live)
  }

  /** Watches an attempt whose body could be sent again; `challenge` starts its rival. */
  watch(live: LiveAttempt, method: string, now: number, challenge: (place: Place) => LiveAttempt): void {
    const { hedging } = live.group
    if (hedging === undefined || this.#hedging !== undefined || !isSafe(method)) return
    const delayMs = hedging.delayMs(now)
    if (delayMs === undefined || now + delayMs >= this.#exchange.deadlineAt) return
    this.#cancel?.()
    this.#cancel = this.#scheduler.after(delayMs, () => {
      if (live.answeredAt !== undefined) return
      const later = this.#scheduler.now()
      const place = this.#plan.beside(later)
      if (place === undefined) return
      if (hedging.spend(later)) {
        this.#hedging = hedging
        this.#hedge = challenge(place)
      } else {
        // The budget may have room again before the answer comes.
        this.watch(live, method, later, challenge)
      }
    })
  }

  /** Its answer is the client's: no other is needed any more. */
  win(winner: LiveAttempt, now: number): void {
    this.#settle(winner)
    if (this.#lives.length > 1)
      for (const other of this.#lives.filter(live => live !== winner)) lose(other, other.startedAt < winner.startedAt, now, this)
  }

  giveUp(now: number): void {
    for (const live of [...this.#lives]) lose(live, false, now, this)
  }

  release(live: LiveAttempt, now: number): void {
    this.#lives.splice(this.#lives.indexOf(live), 1)
    this.#deadlines.remove(live)
    live.release(now)
  }

  /** The exchange is over; without a winner before, nobody has won. */
  end(): void {
    this.#settle(undefined)
  }

  #settle(winner: LiveAttempt | undefined): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#hedge !== undefined) this.#hedging?.settled(winner === this.#hedge)
    this.#hedge = undefined
  }
}

/** Gives an attempt up, for no fault of its target. */
function lose(live: LiveAttempt, overtaken: boolean, now: number, rivals: Rivals): void {
  live.outcome = overtaken ? { kind: 'aborted', overtaken } : { kind: 'aborted' }
  live.judged(now)
  rivals.release(live, now)
  live.abort()
}
