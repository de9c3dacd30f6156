import type { Leave } from '../model/admitting.ts'
import type { Group } from '../model/group.ts'
import type { Comparison, Mirroring, MirrorPlace, MirrorResult } from '../model/mirroring.ts'
import type { KeyedRequest } from '../model/request-key.ts'
import type { Random } from '../time/random.ts'
import { compareAnswers, type Difference } from './compare.ts'
import type { IgnoredFields } from './ignored-fields.ts'

/** How many copies a group may have under way; what is more is dropped. */
export const mostUnderWay = 256

/** The copies that a group has under way, whatever route they come from. */
export class UnderWay {
  count = 0
}

export interface MirrorParts {
  /** 0..1. */
  readonly share: number
  /** Absent: nothing is compared. */
  readonly ignored?: IgnoredFields
  readonly underWay: UnderWay
  readonly random: Random
  /** Told once of each copy. */
  counted(result: MirrorResult): void
  /** Told of each difference. */
  differed(comparison: Comparison, difference: Difference): void
}

/** Copies of the requests of one route for one group. */
export class Mirror implements Mirroring {
  readonly group: Group
  readonly #parts: MirrorParts

  constructor(group: Group, parts: MirrorParts) {
    this.group = group
    this.#parts = parts
  }

  get compares(): boolean {
    return this.#parts.ignored !== undefined
  }

  draws(): boolean {
    const { share, random } = this.#parts
    return share >= 1 || random() < share
  }

  enter(request: KeyedRequest, now: number): MirrorPlace | undefined {
    const place = this.#placeFor(request, now)
    if (place === undefined) this.#parts.counted('dropped')
    return place
  }

  /** The group's own gates, limit and picker; nobody waits, and no fallback group stands in. */
  #placeFor(request: KeyedRequest, now: number): MirrorPlace | undefined {
    const { gates, targets, picker, selector } = this.group
    const { underWay, random } = this.#parts
    if (underWay.count >= mostUnderWay) return undefined
    const open = gates.open(targets, now)
    if (open.length === 0) return undefined
    const leaveGroup = this.#admitted(now)
    if (leaveGroup === undefined) return undefined
    underWay.count++
    const target = selector.select(targets, open, { now, random, retry: false, key: picker.key?.(request) })
    const leave = (at: number) => {
      underWay.count--
      leaveGroup(at)
    }
    return { target, leave }
  }

  /** A copy takes a place that is free, and never waits for one. */
  #admitted(now: number): Leave | undefined {
    const { admission } = this.group
    if (admission === undefined) return () => {}
    if (admission.inFlight >= admission.limit || admission.waiting > 0) return undefined
    let admitted = false
    const leave = admission.enter({ priority: 'low', admit: () => (admitted = true), shed: () => {} }, now)
    if (admitted) return leave
    leave(now)
    return undefined
  }

  ended(result: 'sent' | 'too-large' | 'failed'): void {
    this.#parts.counted(result)
  }

  compare(answers: Comparison): void {
    const { ignored, counted, differed } = this.#parts
    if (ignored === undefined) counted('sent')
    else
      void compareAnswers(answers.original, answers.copy, ignored).then(found => {
        counted(typeof found === 'object' ? 'different' : found === 'same' ? 'same' : 'sent')
        if (typeof found === 'object') differed(answers, found)
      })
  }
}
