import type { Exchange } from '../model/exchange.ts'
import type { Hedging } from '../model/hedging.ts'
import type { Place, Plan } from '../model/plan.ts'
import type { Deadlines, Timed } from '../time/deadlines.ts'
import type { LiveAttempt } from './live-attempt.ts'
import { tellEnd, tellStart, tellVerdict } from './telling.ts'

/** Whom the rivals serve. */
export interface RivalsOwner {
  /** Makes an attempt beside the one under way. */
  attempt(place: Place, now: number): LiveAttempt
}

/** The attempts of one exchange that are under way: one, or for a safe request two, when the first is slower than it should be. */
export class Rivals implements Timed {
  dueAt = Number.POSITIVE_INFINITY
  previous: Timed | undefined
  next: Timed | undefined

  readonly #exchange: Exchange
  readonly #plan: Plan
  readonly #deadlines: Deadlines
  readonly #owner: RivalsOwner
  readonly #lives: LiveAttempt[] = []
  /** The attempt that may get a rival. */
  #watched: LiveAttempt | undefined
  #hedging: Hedging | undefined
  #hedge: LiveAttempt | undefined

  constructor(exchange: Exchange, plan: Plan, deadlines: Deadlines, owner: RivalsOwner) {
    this.#exchange = exchange
    this.#plan = plan
    this.#deadlines = deadlines
    this.#owner = owner
  }

  get count(): number {
    return this.#lives.length
  }

  begin(live: LiveAttempt, now: number): void {
    this.#lives.push(live)
    tellStart(live, now)
    this.#deadlines.add(live)
  }

  /** Watches an attempt of a request that could be sent twice: when it is slower than it should be, it gets a rival. */
  watch(live: LiveAttempt, now: number): void {
    const { hedging } = live.group
    if (hedging === undefined || this.#hedging !== undefined) return
    const delayMs = hedging.delayMs(now)
    if (delayMs === undefined || now + delayMs >= this.#exchange.deadlineAt) return
    this.#unwatch()
    this.#watched = live
    this.dueAt = now + delayMs
    hedging.watch(this)
  }

  due(now: number): void {
    const live = this.#watched
    if (live === undefined || live.answeredAt !== undefined) return
    const place = this.#plan.beside(now)
    if (place === undefined) return
    const { hedging } = live.group
    if (hedging?.spend(now) === true) {
      this.#hedging = hedging
      this.#hedge = this.#owner.attempt(place, now)
    } else {
      // The budget may have room again before the answer comes.
      this.watch(live, now)
    }
  }

  #unwatch(): void {
    this.#watched?.group.hedging?.unwatch(this)
    this.#watched = undefined
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
    tellEnd(live, now)
  }

  /** The exchange is over; without a winner before, nobody has won. */
  end(): void {
    this.#settle(undefined)
  }

  #settle(winner: LiveAttempt | undefined): void {
    this.#unwatch()
    if (this.#hedge !== undefined) this.#hedging?.settled(winner === this.#hedge)
    this.#hedge = undefined
  }
}

/** Gives an attempt up, for no fault of its target. */
function lose(live: LiveAttempt, overtaken: boolean, now: number, rivals: Rivals): void {
  live.outcome = overtaken ? { kind: 'aborted', overtaken } : { kind: 'aborted' }
  tellVerdict(live, now)
  rivals.release(live, now)
  live.abort()
}
