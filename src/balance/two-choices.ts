import type { Load, Picker } from '../model/picker.ts'
import { AliasTables } from './alias-table.ts'

/**
 * The power of two choices (Mitzenmacher, IEEE TPDS 12(10), 2001): two are drawn by weight, the one with less in flight for its
 * weight is taken. Drawn without replacement, so that the busiest of all is never taken, which with three targets and
 * replacement it would be once in nine.
 */
export function twoChoices(inFlight: Load): Picker {
  const tables = new AliasTables()
  return {
    algorithm: 'two-choices',
    pick(candidates, { random }) {
      // Candidates are never empty, see `Picker`.
      if (candidates.length === 1) return candidates[0]!
      const table = tables.of(candidates)
      const one = table.draw(random)
      const other = table.drawAnother(one, random)
      // Both are indexes of the candidates.
      const first = candidates[one]!
      const second = candidates[other]!
      return inFlight(second) * first.weight < inFlight(first) * second.weight ? second : first
    }
  }
}
