import { type Priority, priorities, type Waiting } from '../model/admitting.ts'
import type { Timed } from '../time/deadlines.ts'

/** One place in the queue. */
export class Place implements Timed {
  dueAt: number
  previous: Timed | undefined
  next: Timed | undefined
  readonly waiting: Waiting
  readonly #expired: (place: Place) => void

  constructor(waiting: Waiting, dueAt: number, expired: (place: Place) => void) {
    this.waiting = waiting
    this.dueAt = dueAt
    this.#expired = expired
  }

  due(): void {
    this.#expired(this)
  }
}

/**
 * A short queue by priority. Within a priority the newest is served first as long as the queue has been standing for a while
 * (adaptive LIFO: Maurer, "Fail at scale", ACM Queue 13(8), 2015): the oldest have probably been given up by their clients.
 */
export class Queue {
  readonly #lines = new Map<Priority, Place[]>(priorities.map(priority => [priority, []]))
  length = 0

  add(place: Place): void {
    this.#line(place.waiting.priority).push(place)
    this.length++
  }

  /** The next to be served; undefined when nobody waits. */
  take(newestFirst: boolean): Place | undefined {
    for (const priority of priorities) {
      const line = this.#line(priority)
      const place = newestFirst ? line.pop() : line.shift()
      if (place === undefined) continue
      this.length--
      return place
    }
    return undefined
  }

  /** The oldest of the lowest priority that is below the given one; undefined when there is none. */
  takeBelow(priority: Priority): Place | undefined {
    for (let rank = priorities.length - 1; rank > priorities.indexOf(priority); rank--) {
      // The rank is within the list.
      const place = this.#line(priorities[rank]!).shift()
      if (place === undefined) continue
      this.length--
      return place
    }
    return undefined
  }

  remove(place: Place): void {
    const line = this.#line(place.waiting.priority)
    const index = line.indexOf(place)
    if (index < 0) return
    line.splice(index, 1)
    this.length--
  }

  #line(priority: Priority): Place[] {
    // Every priority has its line since the beginning.
    return this.#lines.get(priority)!
  }
}
