import type { Load, Picker } from '../model/picker.ts'
import type { Target } from '../model/target.ts'

/** The least requests in flight for its weight, compared as nginx does (a/wa < b/wb without dividing); ties are drawn by weight. */
export function leastConnections(inFlight: Load): Picker {
  return {
    algorithm: 'least-connections',
    pick(candidates, { random }) {
      // Candidates are never empty, see `Picker`.
      let best: Target = candidates[0]!
      let bestLoad = inFlight(best)
      let tiedWeight = best.weight
      for (let i = 1; i < candidates.length; i++) {
        const target = candidates[i]!
        const load = inFlight(target)
        const difference = load * best.weight - bestLoad * target.weight
        if (difference > 0) continue
        tiedWeight = difference < 0 ? target.weight : tiedWeight + target.weight
        // A reservoir of one: each of the tied is left with its share.
        if (difference < 0 || random() * tiedWeight < target.weight) {
          best = target
          bestLoad = load
        }
      }
      return best
    }
  }
}
