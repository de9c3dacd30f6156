import type { Picker } from '../model/picker.ts'
import { PerTarget, type Target } from '../model/target.ts'

/**
 * Smooth weighted round robin, as nginx has it (ngx_http_upstream_round_robin.c): each pick adds its weight to everybody's
 * credit, takes the largest credit and charges it the sum. Weights 5, 1, 1 give a a b a c a a instead of a a a a a b c.
 * A retry takes who would be next without moving the rotation on.
 */
export function roundRobin(): Picker {
  const credits = new PerTarget<{ credit: number }>(() => ({ credit: 0 }))
  return {
    algorithm: 'round-robin',
    pick(candidates, { retry }) {
      // Candidates are never empty, see `Picker`.
      let best: Target = candidates[0]!
      let bestCredit = Number.NEGATIVE_INFINITY
      let sum = 0
      for (const target of candidates) {
        const state = credits.of(target)
        const credit = state.credit + target.weight
        sum += target.weight
        if (!retry) state.credit = credit
        if (credit > bestCredit) {
          best = target
          bestCredit = credit
        }
      }
      if (!retry) credits.of(best).credit -= sum
      return best
    }
  }
}
