import type { HealthStatus } from './health-state.ts'

/** How many targets of a tier are in which state. */
type Counts = Record<HealthStatus, number>

/**
 * Counts the targets of a group by tier and state. A target that was not checked yet waits while another of its tier is known to
 * be well; a backup that is well is no reason to leave the tier before it.
 */
export class Tally {
  readonly #tiers = new Map<number, Counts>()
  #failing = 0
  /** Tiers in which somebody waits. */
  #mixed = 0

  /** True when no target is failing and none has to wait. */
  get clear(): boolean {
    return this.#failing === 0 && this.#mixed === 0
  }

  /** Whether a target of this tier that was not checked yet has to wait. */
  waits(tier: number): boolean {
    return (this.#tiers.get(tier)?.passing ?? 0) > 0
  }

  /** A target comes (`from` is undefined), turns, or goes (`to` is undefined). */
  move(tier: number, from: HealthStatus | undefined, to: HealthStatus | undefined): void {
    const counts = this.#tiers.get(tier) ?? { unchecked: 0, passing: 0, failing: 0 }
    this.#tiers.set(tier, counts)
    const wasMixed = isMixed(counts)
    if (from !== undefined) counts[from]--
    if (to !== undefined) counts[to]++
    this.#mixed += Number(isMixed(counts)) - Number(wasMixed)
    this.#failing += Number(to === 'failing') - Number(from === 'failing')
  }
}

const isMixed = ({ unchecked, passing }: Counts) => unchecked > 0 && passing > 0
