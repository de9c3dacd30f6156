import type { NextStep, Place } from '../model/plan.ts'
import type { Deadlines, Timed } from '../time/deadlines.ts'

/** The wait between two attempts of one exchange. */
export class Pause implements Timed {
  dueAt = Number.POSITIVE_INFINITY
  previous: Timed | undefined
  next: Timed | undefined
  readonly #deadlines: Deadlines
  readonly #over: (place: Place, now: number) => void
  #place: Place | undefined

  /** `over` is told where the exchange was to go. */
  constructor(deadlines: Deadlines, over: (place: Place, now: number) => void) {
    this.#deadlines = deadlines
    this.#over = over
  }

  begin(step: NextStep, now: number): void {
    this.#place = step
    this.dueAt = now + step.waitMs
    this.#deadlines.add(this)
  }

  due(now: number): void {
    this.end()
    if (this.#place !== undefined) this.#over(this.#place, now)
  }

  end(): void {
    this.#deadlines.remove(this)
  }
}
