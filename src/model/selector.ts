import type { PickContext } from './picker.ts'
import type { Target } from './target.ts'

/** Which target of a group gets an attempt. */
export interface Selector {
  /**
   * One of `open`, which is a part of `candidates` and not empty: by tier, by algorithm and, where the group is set so, by
   * neighbourhood. `gone` is the target that an attempt has just failed at.
   */
  select(candidates: readonly Target[], open: readonly Target[], context: PickContext, gone?: Target): Target
}
