import type { Picker } from '../model/picker.ts'
import type { Target } from '../model/target.ts'
import { AliasTables } from './alias-table.ts'
import { isNone, keyReader } from './hash.ts'
import { maglevTable, tablePlaces } from './maglev-table.ts'
import { hashOf, mixed, Rendezvous } from './rendezvous.ts'

/** Places of the table that are tried for a candidate. Where one target in seven is one, that fails once in 20,000 requests. */
const tries = 64

/**
 * Requests with the same key go to the same target by a look into a table, however many targets there are. The table is made
 * once, of all `targets` of the group. Where the one that it names is no candidate the key goes on to another place, as Envoy
 * rehashes for a retry (maglev_lb.cc): so a target that is out moves its own keys alone, to all the others, and a request needs
 * no table of its own. Where few are candidates, rendezvous hashing ends the search. Without a key a request is drawn by weight.
 * Throws a RangeError where `by` is nothing that can be read.
 */
export function maglev(targets: readonly Target[], by = 'ip'): Picker {
  const table = maglevTable(targets)
  const draws = new AliasTables()
  const rendezvous = new Rendezvous()
  return {
    algorithm: 'maglev',
    key: keyReader(by),
    pick(candidates, { key, random }) {
      // A table draws an index of the list that it was built from.
      if (isNone(key)) return candidates[draws.of(candidates).draw(random)]!
      let hash = hashOf(key)
      for (let i = 0; i < tries; i++) {
        // The table names indexes of the targets.
        const target = targets[table[hash % tablePlaces]!]!
        // The shorter the list, the more often it is searched: together never more than a look at every target or so.
        if (candidates === targets || candidates.includes(target)) return target
        hash = mixed(hash + 0x9e3779b9)
      }
      return rendezvous.highest(candidates, hashOf(key))
    }
  }
}
