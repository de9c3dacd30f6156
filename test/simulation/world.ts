import { placeOfKey } from '../../src/model/request-key.ts'
import { Deadlines, sweepEveryMs } from '../../src/time/deadlines.ts'
import { type Random, seededRandom } from '../../src/time/random.ts'
import { VirtualScheduler } from '../../src/time/scheduler.ts'

/** The time and the chance of one run. Nothing in it waits for the process's clock, and a seed tells all of it. */
export class World {
  readonly seed: number
  readonly scheduler = new VirtualScheduler()
  /** Swept as often as in a gateway that serves, so that every deadline is as precise. */
  readonly deadlines = new Deadlines(this.scheduler.now)

  constructor(seed: number) {
    this.seed = seed
    this.#sweep()
  }

  get now(): number {
    return this.scheduler.now()
  }

  /**
   * A source of chance of its own for each name, so that two runs of one seed that differ in the gateway's policy get the same
   * requests at the same moments.
   */
  chance(name: string): Random {
    return seededRandom(placeOfKey(`${this.seed} ${name}`) * 2 ** 32)
  }

  /** Runs for so many milliseconds of its own time. */
  run(ms: number): void {
    try {
      this.scheduler.advance(ms)
    } finally {
      // The sweep of the process's time is not needed, and must not outlive the run.
      this.deadlines.stop()
    }
  }

  #sweep(): void {
    this.scheduler.after(sweepEveryMs, () => {
      this.deadlines.sweep(this.now)
      this.#sweep()
    })
  }
}
