import type { Timed } from '../../../src/time/deadlines.ts'

/** An entry that notes when it was told, and then does what the test wants. */
export class Entry implements Timed {
  dueAt: number
  previous: Timed | undefined
  next: Timed | undefined
  readonly told: number[] = []
  readonly #then: () => void

  constructor(dueAt: number, then: () => void = () => {}) {
    this.dueAt = dueAt
    this.#then = then
  }

  due(now: number): void {
    this.told.push(now)
    this.#then()
  }
}
