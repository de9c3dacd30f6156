import type { Cancel, Scheduler } from '../../time/scheduler.ts'

/** What a check is waiting for, in words that end `no ... within`. */
export type Awaited = 'connection' | 'answer' | 'end of the answer'

/**
 * One run of a check. It ends once: by its result, by its time, or by being given up. Whichever it is, what it holds is let go.
 */
export class Trial<Result> {
  awaits: Awaited = 'connection'
  readonly #done: (result: Result) => void
  readonly #letGo: () => void
  #over = false
  readonly #cancelTimer: Cancel

  /** `late` makes the result of a run whose time is up. `letGo` is called once, before the result is told. */
  constructor(
    { scheduler, timeoutMs }: { readonly scheduler: Scheduler; readonly timeoutMs: number },
    done: (result: Result) => void,
    late: (awaited: Awaited) => Result,
    letGo: () => void
  ) {
    this.#done = done
    this.#letGo = letGo
    this.#cancelTimer = scheduler.after(timeoutMs, () => this.end(late(this.awaits)))
  }

  get over(): boolean {
    return this.#over
  }

  /** Tells the result, unless there is one. */
  end(result: Result): void {
    if (this.#over) return
    this.giveUp()
    this.#done(result)
  }

  /** Nobody wants the result any more. */
  readonly giveUp: Cancel = () => {
    if (this.#over) return
    this.#over = true
    this.#cancelTimer()
    this.#letGo()
  }
}
