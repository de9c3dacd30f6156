import type { Timed } from './deadlines.ts'
import type { Cancel, Scheduler } from './scheduler.ts'

/**
 * Watches entries that wait for about equally long, to the millisecond: an intrusive list in the order in which they fall due,
 * and one timer for the first of them. Most are removed before that, so that a timer runs about once in the time that they wait.
 */
export class DueQueue {
  #first: Timed | undefined
  #last: Timed | undefined
  #cancel: Cancel | undefined
  #armedFor = Number.POSITIVE_INFINITY
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** `dueAt` must not change as long as the entry is in the queue. */
  add(entry: Timed): void {
    let before = this.#last
    while (before !== undefined && before.dueAt > entry.dueAt) before = before.previous
    const after = before === undefined ? this.#first : before.next
    entry.previous = before
    entry.next = after
    if (before === undefined) this.#first = entry
    else before.next = entry
    if (after === undefined) this.#last = entry
    else after.previous = entry
    if (entry.dueAt < this.#armedFor) this.#arm(entry.dueAt)
  }

  /** Harmless for an entry that is not in the queue. */
  remove(entry: Timed): void {
    const { previous, next } = entry
    if (previous === undefined && this.#first !== entry) return
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    entry.previous = undefined
    entry.next = undefined
  }

  #arm(at: number): void {
    this.#cancel?.()
    this.#armedFor = at
    this.#cancel = this.#scheduler.after(Math.max(0, at - this.#scheduler.now()), this.#ring)
  }

  readonly #ring = (): void => {
    const now = this.#scheduler.now()
    this.#cancel = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
    // An entry may remove itself or others, and add new ones.
    for (let first = this.#first; first !== undefined && first.dueAt <= now; first = this.#first) {
      this.remove(first)
      first.due(now)
    }
    if (this.#first !== undefined && this.#first.dueAt < this.#armedFor) this.#arm(this.#first.dueAt)
  }
}
