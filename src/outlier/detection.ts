import type { Target } from '../model/target.ts'
import { failureZ, median } from './statistics.ts'

/** What one target did in the window that is compared. */
export interface Conduct {
  readonly target: Target
  readonly attempts: number
  readonly failures: number
  /** Attempts besides these that a later one elsewhere overtook. */
  readonly overtaken: number
  /** Milliseconds, ascending. */
  readonly latencies: readonly number[]
}

/** Fewer attempts than these say nothing about a target. */
const leastAttempts = 20
/** Standard errors above the others: by chance in one comparison of 30,000. */
const failureLimitZ = 4
/** A difference that is sure but small is no reason to lose a target's capacity. */
const failureLimitShare = 0.1
/** Half of everything failing needs no comparison with others. */
const failureShare = 0.5
/** Of so many attempts at least this share is overtaken by others that began later: then it hardly answers any more. */
const leastOvertaken = 8
const overtakenShare = 0.5
/** So many times the median of the others', and at least so much longer, is slow. */
const slowFactor = 5
const slowByMs = 25

/** Targets that do worse than the others, worst first, and why. */
export function findOutliers(group: readonly Conduct[]): { readonly target: Target; readonly why: string }[] {
  return group.flatMap(one => {
    const others = group.filter(each => each !== one)
    const why = failing(one, others) ?? overtaken(one, others) ?? slow(one, others)
    return why === undefined ? [] : [{ target: one.target, why }]
  })
}

function failing(one: Conduct, others: readonly Conduct[]): string | undefined {
  if (one.attempts < leastAttempts) return undefined
  const together = others.reduce(
    (sum, { attempts, failures }) => ({ attempts: sum.attempts + attempts, failures: sum.failures + failures }),
    {
      attempts: 0,
      failures: 0
    }
  )
  const share = one.failures / one.attempts
  const theirs = together.attempts === 0 ? 0 : together.failures / together.attempts
  // Where all fail alike, taking one out helps nobody.
  if (share - theirs < failureLimitShare) return undefined
  if (share >= failureShare || failureZ(one, together) >= failureLimitZ) {
    return `${percent(share)} of its attempts failed, ${percent(theirs)} of the others'`
  }
  return undefined
}

/** Hedges hide how slow a target is: what shows is that others answer first. */
function overtaken(one: Conduct, others: readonly Conduct[]): string | undefined {
  const share = (conduct: readonly Conduct[]) => {
    const lost = conduct.reduce((sum, each) => sum + each.overtaken, 0)
    const all = conduct.reduce((sum, each) => sum + each.overtaken + each.attempts, 0)
    return all === 0 ? 0 : lost / all
  }
  if (one.overtaken + one.attempts < leastOvertaken || share([one]) < overtakenShare || share(others) > overtakenShare / 2)
    return undefined
  return `${percent(share([one]))} of its attempts were overtaken by others`
}

function slow(one: Conduct, others: readonly Conduct[]): string | undefined {
  const known = others.filter(({ latencies }) => latencies.length >= leastAttempts)
  const own = median(one.latencies)
  // The median of the others' medians: one more slow one among them does not hide this one.
  const theirs = median(known.flatMap(({ latencies }) => median(latencies) ?? []).sort((a, b) => a - b))
  if (own === undefined || theirs === undefined || one.latencies.length < Math.min(leastAttempts, 5)) return undefined
  return own > slowFactor * theirs && own - theirs > slowByMs
    ? `answers take ${Math.round(own)} ms, the others' ${Math.round(theirs)} ms`
    : undefined
}

const percent = (share: number) => `${Math.round(share * 100)} %`
