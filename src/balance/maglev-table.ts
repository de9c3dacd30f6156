import type { Target } from '../model/target.ts'
import { hashOf, mixed, weightOf } from './rendezvous.ts'

/** Places of a table: a prime, so that every step visits all of them. */
export const tablePlaces = 65_537
/** What an entry of the table can name. */
const mostTargets = 65_536

/**
 * The table of Maglev (Eisenbud et al., NSDI 2016, section 3.4): which target, by its index, has each place. Each target goes
 * through the places in an order of its own, by its id, and takes the next free one in its turn; one with half the weight of
 * the heaviest has every other turn. So each has places by its weight, and another list of targets moves few of them.
 * Throws a RangeError for more than 65,536 targets.
 */
export function maglevTable(targets: readonly Target[]): Uint16Array {
  if (targets.length > mostTargets) throw new RangeError(`a table holds at most ${mostTargets} targets`)
  const weights = turnsOf(targets)
  const starts = targets.map(({ id }) => hashOf(id))
  const steps = starts.map(bits => (mixed(bits ^ 0x9e3779b9) % (tablePlaces - 1)) + 1)
  const places = starts.map(bits => bits % tablePlaces)
  const credits = new Float64Array(targets.length)
  const table = new Uint16Array(tablePlaces)
  const taken = new Uint8Array(tablePlaces)
  if (targets.length === 0) return table
  // All of these have an entry for each target, or for each place.
  for (let filled = 0; filled < tablePlaces; ) {
    for (let index = 0; index < targets.length && filled < tablePlaces; index++) {
      credits[index]! += weights[index]!
      if (credits[index]! < 1) continue
      credits[index]!--
      let place = places[index]!
      while (taken[place] === 1) place = (place + steps[index]!) % tablePlaces
      taken[place] = 1
      table[place] = index
      places[index] = place
      filled++
    }
  }
  return table
}

/** The part of the turns that each has: 1 for the heaviest. Without any weight all have the same. */
function turnsOf(targets: readonly Target[]): number[] {
  if (weightOf(targets) === 0) return targets.map(() => 1)
  const heaviest = targets.reduce((most, { weight }) => Math.max(most, weight), 0)
  return targets.map(({ weight }) => weight / heaviest)
}
