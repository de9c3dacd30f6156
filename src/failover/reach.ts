import type { Group } from '../model/group.ts'
import type { Reach } from '../model/reach.ts'
import type { Target } from '../model/target.ts'

/** The first group, along the chain of fallback groups, that has an admitted candidate; undefined when none has. */
export function reach(group: Group, candidates: readonly Target[], now: number): Reach | undefined {
  for (let each: Group | undefined = group; each !== undefined; each = each.fallback) {
    const own = ownCandidates(each, group, candidates)
    const open = each.gates.open(own, now)
    if (open.length > 0) return { group: each, candidates: own, open }
  }
  return undefined
}

/** The same, among those that are wanted. */
export function reachAmong(
  group: Group,
  candidates: readonly Target[],
  now: number,
  wanted: (target: Target) => boolean
): Reach | undefined {
  for (let each: Group | undefined = group; each !== undefined; each = each.fallback) {
    const own = ownCandidates(each, group, candidates)
    const open = each.gates.open(own, now).filter(wanted)
    if (open.length > 0) return { group: each, candidates: own, open }
  }
  return undefined
}

/** Pickers keep tables by the list: the group's own, where nobody has narrowed it. */
function ownCandidates(each: Group, first: Group, candidates: readonly Target[]): readonly Target[] {
  if (candidates === first.candidates) return each.targets
  return candidates.filter(target => each.has(target))
}
