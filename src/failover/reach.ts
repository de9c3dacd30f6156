import type { Group } from '../model/group.ts'
import type { Reach } from '../model/reach.ts'
import type { Target } from '../model/target.ts'

/** The first group, along the chain of fallback groups, that has an admitted candidate; undefined when none has. */
export function reach(group: Group, candidates: readonly Target[], now: number): Reach | undefined {
  for (let each: Group | undefined = group; each !== undefined; each = each.fallback) {
    const own = ownCandidates(each, group, candidates)
    const open = each.gates.open(own, now)
    if (open.length > 0) return { group: each, candidates: own, open, at: now }
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
    if (open.length > 0) return { group: each, candidates: own, open, at: now }
  }
  return undefined
}

/**
 * Why no group along the chain has an admitted candidate: some target is only full, or nobody knows better than the earliest
 * moment at which one may open again. Each group's gates are asked about its own targets alone: of others they know nothing.
 */
export function outOfReach(group: Group, candidates: readonly Target[], now: number): { full: boolean; opensAt?: number } {
  let full = false
  let opensAt = Number.POSITIVE_INFINITY
  for (let each: Group | undefined = group; each !== undefined; each = each.fallback) {
    const own = ownCandidates(each, group, candidates)
    full ||= each.gates.isFull(own, now)
    opensAt = Math.min(opensAt, each.gates.opensAt(own) ?? opensAt)
  }
  return opensAt === Number.POSITIVE_INFINITY ? { full } : { full, opensAt }
}

/** Pickers keep tables by the list: the group's own, where nobody has narrowed it. */
function ownCandidates(each: Group, first: Group, candidates: readonly Target[]): readonly Target[] {
  if (candidates === first.candidates) return each.targets
  return candidates.filter(target => each.has(target))
}
