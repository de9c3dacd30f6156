import type { Cancel, Scheduler } from '../time/scheduler.ts'

/** What is done again and again: it calls `finished` once, or is given up by what it returns. */
export type Round = (finished: () => void) => Cancel

/** Runs one round after the other, never two at once. The time between two counts from start to start. */
export class Rounds {
  readonly #scheduler: Scheduler
  readonly #round: Round
  readonly #intervalMs: () => number
  #running = false
  #cancel: Cancel = () => {}

  /** `intervalMs` is asked after each round. */
  constructor(scheduler: Scheduler, round: Round, intervalMs: () => number) {
    this.#scheduler = scheduler
    this.#round = round
    this.#intervalMs = intervalMs
  }

  /** The first round begins after `delayMs`. Harmless while it runs. */
  start(delayMs: number): void {
    if (this.#running) return
    this.#running = true
    this.#cancel = this.#scheduler.after(delayMs, this.#begin)
  }

  /** Nothing more happens, and a round that is under way is given up. */
  stop(): void {
    if (!this.#running) return
    this.#running = false
    this.#cancel()
  }

  readonly #begin = (): void => {
    const startedAt = this.#scheduler.now()
    let over = false
    const cancel = this.#round(() => {
      over = true
      if (!this.#running) return
      const tookMs = this.#scheduler.now() - startedAt
      this.#cancel = this.#scheduler.after(Math.max(0, this.#intervalMs() - tookMs), this.#begin)
    })
    if (!over) this.#cancel = cancel
  }
}
