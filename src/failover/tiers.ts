import type { Target } from '../model/target.ts'

/** The candidates of the lowest tier among them: the list itself where all are of one tier. Higher tiers are backups. */
export class Tiers {
  readonly #lists = new WeakMap<readonly Target[], readonly Target[]>()

  lowest(candidates: readonly Target[]): readonly Target[] {
    let lowest = this.#lists.get(candidates)
    if (lowest === undefined) {
      const tier = candidates.reduce((least, target) => Math.min(least, target.tier), Number.POSITIVE_INFINITY)
      lowest = candidates.every(target => target.tier === tier) ? candidates : candidates.filter(target => target.tier === tier)
      // The same list is asked for again and again while no gate shuts, and pickers keep tables by it.
      this.#lists.set(candidates, lowest)
    }
    return lowest
  }
}
