import type { Random } from '../time/random.ts'

/** Entries of a pool. */
const most = 16
const oldestMs = 1000
/** The quantile of requests in flight above which a target is hot. */
const hotQuantile = 2 ** -0.25

/**
 * The latest probes of some of the candidates, at most one of each and 16 in all, of the last second. Targets are named by their
 * index in the candidates. Everything stands in arrays, in no order: a pick allocates nothing.
 */
export class ProbePool {
  readonly #capacity: number
  readonly #weights: readonly number[]
  // Each is written below `#size`, and no place at or above it is read.
  readonly #target = new Int32Array(most)
  readonly #load = new Float64Array(most)
  readonly #latencyMs = new Float64Array(most)
  readonly #failing = new Uint8Array(most)
  readonly #probedAt = new Float64Array(most)
  readonly #sorted = new Float64Array(most)
  #size = 0
  /** Loads above this are hot. */
  #hotAbove = 0
  #worstIsNext = false

  /** By the weights of the candidates, which chance goes by among equals. */
  constructor(weights: readonly number[]) {
    this.#weights = weights
    this.#capacity = Math.min(most, weights.length)
  }

  get size(): number {
    return this.#size
  }

  /**
   * What is known of a target now: requests in flight for its weight, what an answer may take in milliseconds, and whether so
   * much of it fails that it is to be taken only where everything fails. Replaces its last entry, or in a full pool the oldest.
   */
  put(target: number, load: number, latencyMs: number, failing: boolean, now: number): void {
    const place = this.#placeFor(target)
    this.#target[place] = target
    this.#load[place] = load
    this.#latencyMs[place] = latencyMs
    this.#failing[place] = failing ? 1 : 0
    this.#probedAt[place] = now
  }

  /** Entries older than a second say nothing any more. */
  expire(now: number): void {
    for (let place = this.#size - 1; place >= 0; place--) if (now - this.#probedAt[place]! > oldestMs) this.#remove(place)
  }

  /**
   * The hot-cold rule: among the targets that are not hot the one with the least latency, where all are hot the one with the
   * least load. The pool is not empty.
   */
  best(random: Random): number {
    this.#hotAbove = this.#quantile()
    let best = 0
    let tiedWeight = this.#weightAt(0)
    for (let place = 1; place < this.#size; place++) {
      const order = this.#compare(place, best)
      if (order > 0) continue
      const weight = this.#weightAt(place)
      tiedWeight = order < 0 ? weight : tiedWeight + weight
      if (order < 0 || random() * tiedWeight < weight) best = place
    }
    return this.#target[best]!
  }

  /** The target gets a request: `load` more, and at least `latencyMs`, which is above 0 even for one that was never asked. */
  use(target: number, load: number, latencyMs: number): void {
    const place = this.#find(target)
    if (place < 0) return
    this.#load[place] = this.#load[place]! + load
    this.#latencyMs[place] = Math.max(this.#latencyMs[place]!, latencyMs)
  }

  /** One entry goes, in turns the oldest and the worst, or the pool would fill up with those that nobody wants. */
  dropOne(): void {
    if (this.#size === 0) return
    let dropped = 0
    for (let place = 1; place < this.#size; place++) {
      const isFurther = this.#worstIsNext ? this.#compare(place, dropped) > 0 : this.#probedAt[place]! < this.#probedAt[dropped]!
      if (isFurther) dropped = place
    }
    this.#worstIsNext = !this.#worstIsNext
    this.#remove(dropped)
  }

  /** Below 0 where the first is the better. */
  #compare(one: number, other: number): number {
    if (this.#failing[one] !== this.#failing[other]) return this.#failing[one]! - this.#failing[other]!
    const oneLoad = this.#load[one]!
    const otherLoad = this.#load[other]!
    const oneIsHot = oneLoad > this.#hotAbove
    if (oneIsHot !== otherLoad > this.#hotAbove) return oneIsHot ? 1 : -1
    const latency = this.#latencyMs[one]! - this.#latencyMs[other]!
    const load = oneLoad - otherLoad
    return oneIsHot ? load || latency : latency || load
  }

  /** Of the loads of the targets that do not fail, or of all where all do; between two loads it is interpolated. */
  #quantile(): number {
    let count = this.#sort(true)
    if (count === 0) count = this.#sort(false)
    const place = (count - 1) * hotQuantile
    const below = Math.floor(place)
    const load = this.#sorted[below]!
    return below + 1 < count ? load + (place - below) * (this.#sorted[below + 1]! - load) : load
  }

  #sort(soundOnly: boolean): number {
    let count = 0
    for (let i = 0; i < this.#size; i++) {
      if (soundOnly && this.#failing[i] === 1) continue
      const load = this.#load[i]!
      let place = count++
      for (; place > 0 && this.#sorted[place - 1]! > load; place--) this.#sorted[place] = this.#sorted[place - 1]!
      this.#sorted[place] = load
    }
    return count
  }

  #placeFor(target: number): number {
    const known = this.#find(target)
    if (known >= 0) return known
    if (this.#size < this.#capacity) return this.#size++
    let oldest = 0
    for (let place = 1; place < this.#size; place++) if (this.#probedAt[place]! < this.#probedAt[oldest]!) oldest = place
    return oldest
  }

  #find(target: number): number {
    for (let place = 0; place < this.#size; place++) if (this.#target[place] === target) return place
    return -1
  }

  /** The last entry takes the place of the one that goes. */
  #remove(place: number): void {
    const last = --this.#size
    this.#target[place] = this.#target[last]!
    this.#load[place] = this.#load[last]!
    this.#latencyMs[place] = this.#latencyMs[last]!
    this.#failing[place] = this.#failing[last]!
    this.#probedAt[place] = this.#probedAt[last]!
  }

  /** Among targets without any weight, each is as good. */
  #weightAt(place: number): number {
    return this.#weights[this.#target[place]!] || 1
  }
}
