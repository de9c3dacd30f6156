import type { Scheduler } from '../../src/time/scheduler.ts'
import type { Draw } from './distributions.ts'
import type { Job, Server } from './network.ts'

/** Answers each request after a time of its own, however many there are. `latencyMs` is asked when the request comes. */
export class DelayServer implements Server {
  inFlight = 0
  readonly #scheduler: Scheduler
  readonly #latencyMs: Draw

  constructor(scheduler: Scheduler, latencyMs: Draw) {
    this.#scheduler = scheduler
    this.#latencyMs = latencyMs
  }

  take(job: Job): void {
    this.inFlight++
    this.#scheduler.after(this.#latencyMs(), () => {
      this.inFlight--
      job.answer(200)
    })
  }
}

export interface QueueOptions {
  /** How many requests it works on at once. */
  readonly workers: number
  readonly serviceMs: Draw
  /** Takes requests in and works on none from the first of these instants until the second. */
  readonly outage?: readonly [from: number, until: number]
}

/** First come, first served, without an end to the queue. It does not notice that somebody has left: it works for nobody then. */
export class QueueServer implements Server {
  readonly #scheduler: Scheduler
  readonly #options: QueueOptions
  #waiting: Job[] = []
  #served = 0
  #busy = 0

  constructor(scheduler: Scheduler, options: QueueOptions) {
    this.#scheduler = scheduler
    this.#options = options
    const { outage } = options
    if (outage !== undefined) scheduler.after(outage[1] - scheduler.now(), () => this.#work())
  }

  get inFlight(): number {
    return this.#busy + this.#waiting.length - this.#served
  }

  take(job: Job): void {
    this.#waiting.push(job)
    this.#work()
  }

  get #isOut(): boolean {
    const { outage } = this.#options
    const now = this.#scheduler.now()
    return outage !== undefined && now >= outage[0] && now < outage[1]
  }

  #work(): void {
    while (this.#busy < this.#options.workers && !this.#isOut) {
      const job = this.#next()
      if (job === undefined) return
      this.#busy++
      this.#scheduler.after(this.#options.serviceMs(), () => {
        this.#busy--
        job.answer(200)
        this.#work()
      })
    }
  }

  /** A queue of thousands is not shifted by one each time. */
  #next(): Job | undefined {
    const job = this.#waiting[this.#served]
    if (job === undefined) return undefined
    if (++this.#served > 1000) {
      this.#waiting = this.#waiting.slice(this.#served)
      this.#served = 0
    }
    return job
  }
}
