import type { Picker } from '../model/picker.ts'

/** The first candidate in the order of the configuration; the others wait until it is gone. */
export function first(): Picker {
  return {
    algorithm: 'first',
    // Candidates are never empty, see `Picker`.
    pick: candidates => candidates[0]!
  }
}
