/** Times in milliseconds. */
export interface PhiOptions {
  /** Intervals that mean and deviation are taken from. */
  readonly samples: number
  /** The least deviation that is assumed, so that perfectly regular beats do not make it touchy. */
  readonly minDeviationMs: number
  /** A silence beyond the usual interval that raises no suspicion. */
  readonly pauseMs: number
}

/** Of akka's defaults: its sample size, deviation and pause. */
export const defaultPhiOptions: PhiOptions = { samples: 1000, minDeviationMs: 100, pauseMs: 3000 }

/**
 * The suspicion of a silence that is this many standard deviations longer than usual: -log10 of the chance that a beat comes
 * later than that, by the normal distribution in its logistic approximation. It is written so that it neither loses digits where
 * the silence is short nor becomes infinite where it is long.
 */
export function phiOf(deviations: number): number {
  const exponent = deviations * (1.5976 + 0.070566 * deviations * deviations)
  const natural = exponent > 700 ? exponent : Math.log1p(Math.exp(exponent))
  return natural / Math.LN10
}

/** The inverse of `phiOf`: how many deviations make this suspicion. `phi` is above 0. */
export function deviationsOf(phi: number): number {
  let low = -20
  let high = 20
  while (phiOf(high) < phi) high *= 2
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (phiOf(middle) < phi) low = middle
    else high = middle
  }
  return high
}

/**
 * The phi accrual failure detector (Hayashibara et al., 2004) in the form that akka gave it. It learns the intervals between the
 * beats of one sender, each in constant time, and answers how suspicious its silence is.
 */
export class PhiAccrual {
  readonly #options: PhiOptions
  /** A ring of whole milliseconds, whose sums are exact however long it turns. */
  readonly #intervals: number[] = []
  #next = 0
  #sum = 0
  #squares = 0
  #lastAt: number

  /**
   * It starts with a first beat, and two intervals that stand for a guess: the expected one give or take a quarter. The first two
   * real ones take their place, since a guess that is far off would spoil mean and deviation for long.
   */
  constructor(expectedMs: number, now: number, options: PhiOptions = defaultPhiOptions) {
    this.#options = options
    this.#lastAt = now
    this.#learn(expectedMs * 0.75)
    this.#learn(expectedMs * 1.25)
    this.#next = 0
  }

  get lastAt(): number {
    return this.#lastAt
  }

  /** `learn` is false for a beat after a silence that was a failure: it says nothing of the usual interval. */
  beat(now: number, learn = true): void {
    if (learn) this.#learn(Math.max(0, now - this.#lastAt))
    this.#lastAt = now
  }

  phi(now: number): number {
    return phiOf((now - this.#lastAt - this.#usualMs) / this.#deviationMs)
  }

  /** When the silence will be this many deviations longer than usual, if no beat comes. */
  silentAt(deviations: number): number {
    return this.#lastAt + this.#usualMs + deviations * this.#deviationMs
  }

  get #usualMs(): number {
    return this.#sum / this.#intervals.length + this.#options.pauseMs
  }

  get #deviationMs(): number {
    const mean = this.#sum / this.#intervals.length
    const variance = this.#squares / this.#intervals.length - mean * mean
    return Math.max(this.#options.minDeviationMs, Math.sqrt(Math.max(0, variance)))
  }

  #learn(interval: number): void {
    const whole = Math.round(interval)
    const forgotten = this.#intervals[this.#next] ?? 0
    this.#intervals[this.#next] = whole
    this.#next = (this.#next + 1) % this.#options.samples
    this.#sum += whole - forgotten
    this.#squares += whole * whole - forgotten * forgotten
  }
}
