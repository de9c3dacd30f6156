import type { Attempt } from '../model/attempt.ts'

const smallest = 16

/**
 * The attempts at one target that have no answer yet, in the order of their start, so that the oldest is known at once. A queue
 * in arrays: who leaves from the middle leaves a gap, and gaps go when the arrays are full. Nothing is allocated for an attempt.
 */
export class Unanswered {
  // All three are as long, and were written at every place from the head up to the tail: what is read there is not undefined.
  #attempts: (Attempt | undefined)[] = new Array<Attempt | undefined>(smallest).fill(undefined)
  #startedAt = new Float64Array(smallest)
  #inFlight = new Float64Array(smallest)
  #size = 0
  /** The oldest attempt stands here; there is none where this is `#tail`. */
  #head = 0
  #tail = 0

  get size(): number {
    return this.#size
  }

  /** For how long the oldest has been waiting, in milliseconds; 0 where none waits. */
  waitedMs(now: number): number {
    return this.#size === 0 ? 0 : Math.max(0, now - this.#startedAt[this.#head]!)
  }

  /** `inFlight`: what was under way at the target when the attempt came. */
  add(attempt: Attempt, inFlight: number): void {
    if (this.#tail === this.#attempts.length) this.#makeRoom()
    let place = this.#tail++
    // An instant may have been read a moment before another that came here first.
    for (; place > this.#head && this.#startedAt[place - 1]! > attempt.startedAt; place--) this.#move(place - 1, place)
    this.#attempts[place] = attempt
    this.#startedAt[place] = attempt.startedAt
    this.#inFlight[place] = inFlight
    this.#size++
  }

  /** Takes the attempt out: what was in flight when it came, or undefined where it has been taken before. */
  take(attempt: Attempt): number | undefined {
    const place = this.#find(attempt)
    if (place === undefined) return undefined
    this.#attempts[place] = undefined
    if (--this.#size === 0) this.#head = this.#tail = 0
    else while (this.#attempts[this.#head] === undefined) this.#head++
    return this.#inFlight[place]
  }

  /** By its start, since these are in order. */
  #find(attempt: Attempt): number | undefined {
    const { startedAt } = attempt
    let from = this.#head
    let to = this.#tail
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#startedAt[middle]! < startedAt) from = middle + 1
      else to = middle
    }
    for (; from < this.#tail && this.#startedAt[from] === startedAt; from++) if (this.#attempts[from] === attempt) return from
    return undefined
  }

  /** Closes the gaps. Where few are gaps the arrays grow, so that it is seldom done: a place is moved about once. */
  #makeRoom(): void {
    const from = this.#head
    const to = this.#tail
    if (this.#size > this.#attempts.length / 2) this.#grow()
    this.#head = this.#tail = 0
    for (let place = from; place < to; place++) if (this.#attempts[place] !== undefined) this.#move(place, this.#tail++)
    for (let place = this.#tail; place < to; place++) this.#attempts[place] = undefined
  }

  #grow(): void {
    const length = this.#attempts.length * 2
    while (this.#attempts.length < length) this.#attempts.push(undefined)
    this.#startedAt = enlarged(this.#startedAt, length)
    this.#inFlight = enlarged(this.#inFlight, length)
  }

  #move(from: number, to: number): void {
    this.#attempts[to] = this.#attempts[from]
    this.#startedAt[to] = this.#startedAt[from]!
    this.#inFlight[to] = this.#inFlight[from]!
  }
}

function enlarged(numbers: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length)
  larger.set(numbers)
  return larger
}
