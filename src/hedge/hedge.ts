import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import type { Hedging } from '../model/hedging.ts'
import { LatencyDigest } from '../model/latency-digest.ts'
import type { Timed } from '../time/deadlines.ts'
import { DueQueue } from '../time/due-queue.ts'
import type { Scheduler } from '../time/scheduler.ts'

export interface HedgeOptions {
  /** The quantile of answer times at which a second attempt starts, 0..1, or a fixed time. */
  readonly after: { readonly quantile: number } | { readonly ms: number }
  /** The most that hedges may be of the attempts, 0..1. */
  readonly budget: number
}

/** Told what became of each hedge. */
export type HedgeResult = 'won' | 'lost' | 'no budget'

const windowMs = 10_000
/** Fewer answers than these tell no percentile. */
const leastAnswers = 50
/** A percentile is looked up again after this long. */
const freshMs = 100
/** Hedges that may be made at once beyond their share, so that the first slow answers are hedged too. */
const burst = 30

/**
 * Hedged requests (Dean and Barroso, The tail at scale, CACM 56(2), 2013): an attempt that is slower than the given percentile
 * of the group's own answers gets a rival at another target. The budget is a bucket that every attempt fills by its share, so
 * that when everything becomes slow the load does not double.
 */
export class Hedge implements Hedging, AttemptObserver {
  readonly #options: HedgeOptions
  readonly #onResult: (result: HedgeResult) => void
  readonly #waiting: DueQueue
  readonly #digest = new LatencyDigest(windowMs)
  #tokens = burst
  #delayMs: number | undefined
  #lookedUpAt = Number.NEGATIVE_INFINITY

  constructor(options: HedgeOptions, scheduler: Scheduler, onResult: (result: HedgeResult) => void) {
    this.#options = options
    this.#waiting = new DueQueue(scheduler)
    this.#onResult = onResult
  }

  delayMs(now: number): number | undefined {
    const { after } = this.#options
    if ('ms' in after) return after.ms
    if (now - this.#lookedUpAt >= freshMs) {
      this.#lookedUpAt = now
      this.#delayMs = this.#digest.count(now) < leastAnswers ? undefined : this.#digest.quantile(after.quantile, now)
    }
    return this.#delayMs
  }

  watch(entry: Timed): void {
    this.#waiting.add(entry)
  }

  unwatch(entry: Timed): void {
    this.#waiting.remove(entry)
  }

  spend(): boolean {
    if (this.#tokens < 1) {
      this.#onResult('no budget')
      return false
    }
    this.#tokens--
    return true
  }

  settled(won: boolean): void {
    this.#onResult(won ? 'won' : 'lost')
  }

  started(): void {
    this.#tokens = Math.min(burst, this.#tokens + this.#options.budget)
  }

  judged({ startedAt, answeredAt = startedAt, outcome, endedAt }: Attempt, _verdict: unknown, now: number): void {
    if (outcome?.kind === 'response') this.#digest.add(answeredAt - startedAt, now)
    if (outcome?.kind !== 'aborted') return
    // One that lost took at least so long: without it the percentile would sink with every hedge. Of one that was given up
    // sooner than that (a rival that came too late, a client that left) nobody knows how long it would have taken.
    const tookMs = (endedAt ?? now) - startedAt
    if (tookMs >= (this.#delayMs ?? 0)) this.#digest.add(tookMs, now)
  }
}
