import type { Picker } from '../model/picker.ts'
import { AliasTables } from './alias-table.ts'

/** Weighted random: P(target) is its weight over the sum of weights. */
export function random(): Picker {
  const tables = new AliasTables()
  return {
    algorithm: 'random',
    // A table draws an index of the list that it was built from.
    pick: (candidates, context) => candidates[tables.of(candidates).draw(context.random)]!
  }
}
