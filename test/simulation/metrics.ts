import { Histogram } from '../../src/load/histogram.ts'
import type { End } from './gateway.ts'

/** What became of the requests, in all and second by second. An answer is good when it is a success and comes in time. */
export class Metrics {
  readonly latency = new Histogram()
  asked = 0
  good = 0
  failed = 0
  attempts = 0
  readonly #patienceMs: number
  readonly #seconds: Second[] = []

  /** `patienceMs` is what the clients think is in time. */
  constructor(patienceMs = Number.POSITIVE_INFINITY) {
    this.#patienceMs = patienceMs
  }

  /** The share of the requests with a good answer, 0..1; 1 where nothing was asked. */
  get success(): number {
    return this.asked === 0 ? 1 : this.good / this.asked
  }

  record({ status, startedAt, endedAt, attempts }: End): void {
    const tookMs = endedAt - startedAt
    const isGood = status < 500 && tookMs <= this.#patienceMs
    this.asked++
    this.attempts += attempts
    this.latency.record(tookMs)
    const second = this.#at(startedAt)
    second.asked++
    second.attempts += attempts
    second.latency.record(tookMs)
    if (!isGood) {
      this.failed++
      return
    }
    this.good++
    second.good++
    this.#at(endedAt).goodEnded++
  }

  /** Good answers a second that ended in these seconds, the last of them not included. */
  goodput(from: number, until: number): number {
    let sum = 0
    for (let index = from; index < until; index++) sum += this.#seconds[index]?.goodEnded ?? 0
    return sum / (until - from)
  }

  /** Attempts a second of the requests that began in these seconds. */
  attemptRate(from: number, until: number): number {
    let sum = 0
    for (let index = from; index < until; index++) sum += this.#seconds[index]?.attempts ?? 0
    return sum / (until - from)
  }

  /** Numbers of each second, for a plot: 0 where nothing happened. */
  series(seconds: number, read: (second: Second) => number): number[] {
    return Array.from({ length: seconds }, (_, index) => {
      const second = this.#seconds[index]
      return second === undefined ? 0 : read(second)
    })
  }

  #at(instant: number): Second {
    return (this.#seconds[Math.floor(instant / 1000)] ??= new Second())
  }
}

/** Requests by the second in which they began, but for those that ended well, which are counted when they did. */
class Second {
  asked = 0
  good = 0
  goodEnded = 0
  attempts = 0
  readonly latency = new Histogram()
}
