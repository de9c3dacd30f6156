import type { Load, PickContext, Picker } from '../model/picker.ts'
import type { Target } from '../model/target.ts'
import { type AliasTable, AliasTables } from './alias-table.ts'

const redraws = 8

/**
 * The power of two choices (Mitzenmacher, IEEE TPDS 12(10), 2001): two are drawn by weight, the one with less in flight for its
 * weight is taken. Drawn without replacement, so that the busiest of all is never taken, which with three targets and
 * replacement it would be once in nine.
 */
export function twoChoices(inFlight: Load): Picker {
  const tables = new AliasTables()
  return {
    algorithm: 'two-choices',
    pick(candidates, context) {
      if (candidates.length === 1) return candidates[0]!
      const table = tables.of(candidates)
      const one = table.draw(context.random)
      const other = drawAnother(table, one, candidates, context)
      // Both are indexes of the candidates.
      const first = candidates[one]!
      const second = candidates[other]!
      return inFlight(second) * first.weight < inFlight(first) * second.weight ? second : first
    }
  }
}

/** An index that is not `one`, by weight; where one weight outweighs all the others, any other. */
function drawAnother(table: AliasTable, one: number, candidates: readonly Target[], { random }: PickContext): number {
  for (let i = 0; i < redraws; i++) {
    const other = table.draw(random)
    if (other !== one) return other
  }
  return (one + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length
}
