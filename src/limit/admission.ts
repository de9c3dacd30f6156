import type { Admitting, Leave, Waiting } from '../model/admitting.ts'
import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Deadlines } from '../time/deadlines.ts'
import type { ConcurrencyLimit } from './adaptive-limit.ts'
import { Place, Queue } from './queue.ts'
import type { Throttle } from './throttle.ts'

/** Times in milliseconds. */
export interface AdmissionOptions {
  readonly limit: ConcurrencyLimit
  /** The most that wait. */
  readonly queue: number
  /** How long one waits at most. */
  readonly queueMs: number
  /** Absent: what the targets refuse is no reason to refuse here. */
  readonly throttle?: Throttle
}

/** Why a request was not let in. */
export type ShedReason = 'queue full' | 'waited too long' | 'targets refuse'

/** After this long with somebody waiting all the time, the newest is served first. */
const standingMs = 100

/**
 * Lets as many requests of a group be under way as its limit says. The next few wait, for a short time: a queue that stands is
 * delay without use, and who has waited too long has probably left. A higher priority takes the place of a lower one.
 */
export class Admission implements Admitting, AttemptObserver {
  readonly #options: AdmissionOptions
  readonly #deadlines: Deadlines
  readonly #onShed: (reason: ShedReason) => void
  readonly #queue = new Queue()
  #inFlight = 0
  /** Since when somebody has been waiting without a break. */
  #standingSince = Number.POSITIVE_INFINITY
  #admitting = false

  constructor(options: AdmissionOptions, deadlines: Deadlines, onShed: (reason: ShedReason) => void) {
    this.#options = options
    this.#deadlines = deadlines
    this.#onShed = onShed
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get waiting(): number {
    return this.#queue.length
  }

  get limit(): number {
    return this.#options.limit.limit
  }

  /** Lets a request in at once, makes it wait, or sheds it: one of `admit` and `shed` is called, now or later. */
  enter(waiting: Waiting, now: number): Leave {
    // The critical ones go on: by them it shows that the targets have recovered.
    if (this.#options.throttle?.refuses(now) === true && waiting.priority !== 'critical')
      return this.#shed(waiting, 'targets refuse')
    if (this.#inFlight < this.limit && this.#queue.length === 0) {
      this.#inFlight++
      waiting.admit()
      return this.#leaving()
    }
    if (this.#queue.length >= this.#options.queue && !this.#makeRoom(waiting)) {
      return this.#shed(waiting, 'queue full')
    }
    return this.#wait(waiting, now)
  }

  judged(attempt: Attempt, verdict: Verdict, now: number): void {
    if (verdict === 'ignored') return
    const { startedAt, answeredAt = startedAt } = attempt
    this.#options.throttle?.judged(attempt, now)
    this.#options.limit.answered(answeredAt - startedAt, verdict === 'failure', this.#inFlight, now)
    this.#admitNext(now)
  }

  #shed(waiting: Waiting, reason: ShedReason): Leave {
    this.#onShed(reason)
    waiting.shed()
    return () => {}
  }

  #wait(waiting: Waiting, now: number): Leave {
    let leave: Leave | undefined
    const entry: Waiting = {
      priority: waiting.priority,
      admit: () => {
        leave = this.#leaving()
        waiting.admit()
      },
      shed: () => waiting.shed()
    }
    const place = new Place(entry, now + this.#options.queueMs, expired => this.#expire(expired))
    this.#standingSince = Math.min(this.#standingSince, now)
    this.#queue.add(place)
    this.#deadlines.add(place)
    // Who was shed for it may have made room.
    this.#admitNext(now)
    return later => {
      if (leave === undefined) this.#drop(place)
      else leave(later)
    }
  }

  #leaving(): Leave {
    let left = false
    return now => {
      if (left) return
      left = true
      this.#inFlight--
      this.#admitNext(now)
    }
  }

  #admitNext(now: number): void {
    // Who is admitted may leave at once: the loop that admitted it goes on, and none grows inside it.
    if (this.#admitting) return
    this.#admitting = true
    try {
      while (this.#inFlight < this.limit) {
        const place = this.#queue.take(now - this.#standingSince > standingMs)
        if (place === undefined) break
        this.#deadlines.remove(place)
        this.#inFlight++
        place.waiting.admit()
      }
    } finally {
      this.#admitting = false
    }
    if (this.#queue.length === 0) this.#standingSince = Number.POSITIVE_INFINITY
  }

  #makeRoom({ priority }: Waiting): boolean {
    const place = this.#queue.takeBelow(priority)
    if (place === undefined) return false
    this.#deadlines.remove(place)
    this.#onShed('queue full')
    place.waiting.shed()
    return true
  }

  #expire(place: Place): void {
    this.#drop(place)
    this.#onShed('waited too long')
    place.waiting.shed()
  }

  #drop(place: Place): void {
    this.#queue.remove(place)
    this.#deadlines.remove(place)
    if (this.#queue.length === 0) this.#standingSince = Number.POSITIVE_INFINITY
  }
}
