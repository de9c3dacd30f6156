import type { Cancel, Scheduler } from '../../src/time/scheduler.ts'
import type { Draw } from './distributions.ts'
import type { Job, Server } from './network.ts'

/** A request under way, with the work at which it is done. */
interface Task {
  readonly job: Job
  readonly doneAt: number
}

/**
 * A server whose requests share its processors evenly, none having more than one. The processors it gets may change at any
 * moment, as on a machine that others use too. Requests that are given up leave at once.
 */
export class SharedCpu implements Server {
  readonly #scheduler: Scheduler
  readonly #workMs: Draw
  readonly #tasks: Task[] = []
  #cores: number
  /** The work that each request has got which was there all the time, in milliseconds of a processor. */
  #done = 0
  #countedAt: number
  #cancel: Cancel | undefined

  constructor(scheduler: Scheduler, cores: number, workMs: Draw) {
    this.#scheduler = scheduler
    this.#cores = cores
    this.#workMs = workMs
    this.#countedAt = scheduler.now()
  }

  get inFlight(): number {
    return this.#tasks.length
  }

  set cores(cores: number) {
    this.#count()
    this.#cores = cores
    this.#schedule()
  }

  take(job: Job): void {
    this.#count()
    const task: Task = { job, doneAt: this.#done + this.#workMs() }
    this.#tasks.push(task)
    job.onAbandoned = () => this.#leave(task)
    this.#schedule()
  }

  #leave(task: Task): void {
    const index = this.#tasks.indexOf(task)
    if (index < 0) return
    this.#count()
    this.#tasks.splice(index, 1)
    this.#schedule()
  }

  /** The share of a processor that each request has now. */
  get #speed(): number {
    return this.#tasks.length === 0 ? 0 : Math.min(1, this.#cores / this.#tasks.length)
  }

  #count(): void {
    const now = this.#scheduler.now()
    this.#done += this.#speed * (now - this.#countedAt)
    this.#countedAt = now
  }

  #schedule(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#tasks.length === 0) return
    let first = this.#tasks[0]!
    for (const task of this.#tasks) if (task.doneAt < first.doneAt) first = task
    const leftMs = Math.max(0, first.doneAt - this.#done) / this.#speed
    this.#cancel = this.#scheduler.after(leftMs, () => this.#finish(first))
  }

  #finish(task: Task): void {
    this.#cancel = undefined
    this.#count()
    this.#tasks.splice(this.#tasks.indexOf(task), 1)
    task.job.onAbandoned = undefined
    this.#schedule()
    task.job.answer(200)
  }
}
