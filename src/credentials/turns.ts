/** Lets a bounded number of tasks run, a bounded number wait for them, and turns away the rest. */
export class Turns {
  readonly #most: { readonly running: number; readonly waiting: number }
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(most: { readonly running: number; readonly waiting: number }) {
    this.#most = most
  }

  /** What the task comes to; undefined, at once, where it is turned away. */
  run<Result>(task: () => Promise<Result>): Promise<Result> | undefined {
    if (this.#running < this.#most.running) {
      this.#running++
      return this.#finish(task)
    }
    if (this.#waiting.length >= this.#most.waiting) return undefined
    return new Promise<void>(resolve => this.#waiting.push(resolve)).then(() => this.#finish(task))
  }

  async #finish<Result>(task: () => Promise<Result>): Promise<Result> {
    try {
      return await task()
    } finally {
      // The place goes to the next one directly, so that nobody else takes it in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
