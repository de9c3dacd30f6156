import type { Load, Picker } from '../model/picker.ts'
import { requestKey } from '../model/request-key.ts'
import type { Target } from '../model/target.ts'
import { AliasTables } from './alias-table.ts'
import { hashOf, Rendezvous, weightOf } from './rendezvous.ts'

/** How requests are placed. */
export interface HashOptions {
  /** What is read of a request, see `requestKey`; ip when absent. */
  readonly by?: string | undefined
  /** The most that a target may have in flight, as a multiple of its share of all; 1 or more, no limit when absent. */
  readonly bounded?: number | undefined
}

/**
 * Requests with the same key go to the same target, by rendezvous hashing; those without one are drawn by weight. With `bounded`
 * a target that has its share in flight passes the key on to the next score: consistent hashing with bounded loads (Mirrokni,
 * Thorup and Zadimoghaddam, SODA 2018). Throws a RangeError for options that say nothing.
 */
export function hash(inFlight: Load, { by = 'ip', bounded }: HashOptions = {}): Picker {
  const key = keyReader(by)
  if (bounded !== undefined && !(bounded >= 1)) throw new RangeError(`bounded is 1 or more, not ${bounded}`)
  const tables = new AliasTables()
  const rendezvous = new Rendezvous()
  return {
    algorithm: 'hash',
    key,
    pick(candidates, { key, random }) {
      // A table draws an index of the list that it was built from.
      if (isNone(key)) return candidates[tables.of(candidates).draw(random)]!
      if (bounded === undefined) return rendezvous.highest(candidates, hashOf(key))
      return rendezvous.highest(candidates, hashOf(key), inFlight, sharePerWeight(candidates, inFlight, bounded))
    }
  }
}

/** The reader for what a configuration says. Throws a RangeError where that is nothing that can be read. */
export function keyReader(by: string) {
  const key = requestKey(by)
  if (key === undefined) throw new RangeError(`requests cannot be placed by ${by}`)
  return key
}

/** An empty cookie or header is none: those who have it do not belong together. */
export const isNone = (key: string | undefined): key is undefined | '' => key === undefined || key === ''

/**
 * What a target may have in flight for each unit of its weight: `bounded` times the mean, this request included. Rounded up, the
 * shares of all sum to more than what is in flight, so that there is always one with room.
 */
function sharePerWeight(candidates: readonly Target[], inFlight: Load, bounded: number): number {
  let total = 1
  for (const target of candidates) total += inFlight(target)
  return (bounded * total) / (weightOf(candidates) || candidates.length)
}
