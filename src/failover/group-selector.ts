import type { PickContext, Picker } from '../model/picker.ts'
import type { Selector } from '../model/selector.ts'
import type { Target } from '../model/target.ts'
import type { Nearest } from './nearest.ts'
import type { Tiers } from './tiers.ts'

/**
 * Tier first, then the group's algorithm. With neighbourhoods the algorithm picks as if all were well, so that what a target
 * that is out would have had, and no more, goes to those that stand nearest to it.
 */
export class GroupSelector implements Selector {
  readonly #picker: Picker
  readonly #tiers: Tiers
  readonly #nearest: Nearest | undefined

  constructor(picker: Picker, tiers: Tiers, nearest?: Nearest) {
    this.#picker = picker
    this.#tiers = tiers
    this.#nearest = nearest
  }

  select(candidates: readonly Target[], open: readonly Target[], context: PickContext, gone?: Target): Target {
    const { now, random, retry } = context
    const usable = retry ? this.#tiers.lowest(open) : this.#tiers.choose(candidates, open, now, random)
    if (this.#nearest === undefined) return this.#picker.pick(usable, context)
    const natural = gone ?? this.#picker.pick(sameLevel(candidates, usable, this.#tiers), context)
    return usable.includes(natural) ? natural : this.#nearest.heir(natural, usable, now, random)
  }
}

/** All candidates of the tier that was chosen, those that are out included. */
function sameLevel(candidates: readonly Target[], usable: readonly Target[], tiers: Tiers): readonly Target[] {
  const [first] = usable
  const level = first === undefined ? 0 : tiers.levelOf(first)
  if (candidates.every(target => tiers.levelOf(target) === level)) return candidates
  return candidates.filter(target => tiers.levelOf(target) === level)
}
