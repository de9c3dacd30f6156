import type { LatencyEstimate } from './watch.ts'

/** Answers that a median is taken of. */
const kept = 9
/** Answers older than this are not recent, and an estimate is halved in it: what nobody is sent to, nobody learns of. */
const recentMs = 5000
/** The last step is of 32,767 in flight and more. */
const lastStep = 15

/** The latest answers of one step of load, and their median. */
class Recent {
  readonly #latencies = new Float64Array(kept)
  readonly #sorted = new Float64Array(kept)
  #count = 0
  #medianMs = 0
  answeredAt = 0

  at(now: number): number {
    return this.#medianMs * Math.exp((-Math.LN2 * Math.max(0, now - this.answeredAt)) / recentMs)
  }

  add(latencyMs: number, now: number): void {
    if (now - this.answeredAt > recentMs) this.#count = 0
    this.#latencies[this.#count++ % kept] = latencyMs
    this.answeredAt = now
    const size = Math.min(this.#count, kept)
    for (let i = 0; i < size; i++) {
      // Both arrays are as long as `kept`; an insertion sort, since it is short and allocates nothing.
      const latency = this.#latencies[i]!
      let place = i
      for (; place > 0 && this.#sorted[place - 1]! > latency; place--) this.#sorted[place] = this.#sorted[place - 1]!
      this.#sorted[place] = latency
    }
    this.#medianMs = this.#sorted[(size - 1) >> 1]!
  }
}

/**
 * What answers took near a given number in flight: the median of the latest nine in the nearest step of load, steps being
 * 0, 1-2, 3-6, 7-14 ... in flight; where no step was heard of for 5 s, of the latest of all. Halves with every 5 s of silence.
 */
export class LatencyByLoad implements LatencyEstimate {
  readonly #steps: (Recent | undefined)[] = new Array<Recent | undefined>(lastStep + 1).fill(undefined)
  #latest: Recent | undefined

  get known(): boolean {
    return this.#latest !== undefined
  }

  add(latencyMs: number, inFlight: number, now: number): void {
    const recent = (this.#steps[stepOf(inFlight)] ??= new Recent())
    recent.add(latencyMs, now)
    this.#latest = recent
  }

  at(now: number, inFlight: number): number {
    if (this.#latest === undefined || now - this.#latest.answeredAt > recentMs) return this.#latest?.at(now) ?? 0
    const step = stepOf(inFlight)
    // The latest is recent, so that one is found.
    for (let distance = 0; distance <= lastStep; distance++) {
      const found = this.#recent(step - distance, now) ?? this.#recent(step + distance, now)
      if (found !== undefined) return found.at(now)
    }
    return this.#latest.at(now)
  }

  #recent(step: number, now: number): Recent | undefined {
    const recent = this.#steps[step]
    return recent !== undefined && now - recent.answeredAt <= recentMs ? recent : undefined
  }
}

const stepOf = (inFlight: number) => Math.min(lastStep, 31 - Math.clz32(inFlight + 1))
