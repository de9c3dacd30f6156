import type { Picker } from '../model/picker.ts'
import type { Target } from '../model/target.ts'

/** How much of its share each target may take now. */
export interface Warmth {
  /** True while every target is fully warm, so that the request path need not ask. */
  readonly quiet: boolean
  /** 0..1; 1 is all of it. */
  of(target: Target, now: number): number
}

/** So many targets are passed over for one request before the next is taken as it is. */
const passes = 4

/**
 * The same algorithm, with less for targets that are not warm yet: what one may not take is picked again among the others. It
 * refuses nobody: where no other is left the target is taken, however cold. Slow start by weight alone, as Envoy has it, would
 * not reach algorithms that go by load, to which a target that has just come looks the best of all.
 */
export function warmed(picker: Picker, warmth: Warmth): Picker {
  const { algorithm, key, observer } = picker
  return {
    algorithm,
    ...(key === undefined ? {} : { key }),
    ...(observer === undefined ? {} : { observer }),
    pick(candidates, context) {
      let left = candidates
      let picked = picker.pick(left, context)
      for (let i = 0; i < passes && !warmth.quiet && left.length > 1; i++) {
        const share = warmth.of(picked, context.now)
        if (share >= 1 || context.random() < share) return picked
        left = without(left, picked)
        picked = picker.pick(left, context)
      }
      return picked
    }
  }
}

const without = (targets: readonly Target[], gone: Target) => targets.filter(target => target !== gone)
