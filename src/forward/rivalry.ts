import type { Exchange } from '../model/exchange.ts'
import type { Hedging } from '../model/hedging.ts'
import { isSafe } from '../model/methods.ts'
import type { Place, Plan } from '../model/plan.ts'
import type { Cancel, Scheduler } from '../time/scheduler.ts'
import type { LiveAttempt } from './live-attempt.ts'

/** The hedge of one exchange: a rival for an attempt that is slower than it should be, at most one, for safe requests. */
export class Rivalry {
  readonly #exchange: Exchange
  readonly #plan: Plan
  readonly #scheduler: Scheduler
  #cancel: Cancel | undefined
  #hedging: Hedging | undefined
  #rival: LiveAttempt | undefined

  constructor(exchange: Exchange, plan: Plan, scheduler: Scheduler) {
    this.#exchange = exchange
    this.#plan = plan
    this.#scheduler = scheduler
  }

  /** Watches an attempt whose body could be sent again; `challenge` starts the rival. */
  watch(live: LiveAttempt, method: string, now: number, challenge: (place: Place) => LiveAttempt): void {
    const { hedging } = live.group
    if (hedging === undefined || this.#hedging !== undefined || !isSafe(method)) return
    const delayMs = hedging.delayMs(now)
    if (delayMs === undefined || now + delayMs >= this.#exchange.deadlineAt) return
    this.#cancel?.()
    this.#cancel = this.#scheduler.after(delayMs, () => {
      if (live.answeredAt !== undefined) return
      const place = this.#plan.beside(this.#scheduler.now())
      if (place === undefined || !hedging.spend(this.#scheduler.now())) return
      this.#hedging = hedging
      this.#rival = challenge(place)
    })
  }

  /** The exchange has its answer, from this attempt, or none. */
  end(winner: LiveAttempt | undefined): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#rival !== undefined) this.#hedging?.settled(winner === this.#rival)
    this.#rival = undefined
  }
}
