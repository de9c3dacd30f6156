import type { Target } from '../model/target.ts'
import type { Random } from '../time/random.ts'
import { tierLoads } from './tier-loads.ts'

/** How traffic returns to a tier that was out: at once and bit by bit, after it was well for a while, or by an operator's word. */
export type Failback = 'gradual' | 'delayed' | 'manual'

/** Times in milliseconds. */
export interface TierOptions {
  /** A tier takes all its traffic down to 1/spill of its targets, and below that in proportion (Envoy's overprovisioning). */
  readonly spill: number
  readonly failback: Failback
  /** How long a tier must be well before it gets traffic again, with `delayed`. */
  readonly holdMs: number
  /** Where this gateway stands: within a tier, targets of the same zone come first, the others take what these cannot. */
  readonly zone?: string | undefined
}

export const defaultTierOptions: TierOptions = { spill: 1.4, failback: 'gradual', holdMs: 30_000 }

/** What tells how the tiers of a group are, whatever one request may use of them. */
export interface Whole {
  readonly targets: readonly Target[]
  /** Those of the targets that every gate admits. */
  open(now: number): readonly Target[]
}

interface Layer {
  readonly tier: number
  readonly open: readonly Target[]
  readonly total: number
}

/** Which tier of a group a request goes to: the lowest as long as enough of it is there, the next for what does not fit. */
export class Tiers {
  readonly #options: TierOptions
  readonly #whole: Whole | undefined
  readonly #layers = new WeakMap<
    readonly Target[],
    { readonly candidates: readonly Target[]; readonly layers: readonly Layer[] }
  >()
  /** Tiers that were out and have to wait, with the moment since which they are well again. */
  readonly #held = new Map<number, number | undefined>()

  /** Without `whole` every request is taken to show the whole group. */
  constructor(options: TierOptions = defaultTierOptions, whole?: Whole) {
    this.#options = options
    this.#whole = whole
  }

  /** The open targets of one tier, drawn by what each tier can take now. `open` is a part of `candidates`, and not empty. */
  choose(candidates: readonly Target[], open: readonly Target[], now: number, random: Random): readonly Target[] {
    const layers = this.#layersOf(candidates, open)
    const [only] = layers
    // A layer is made of candidates, of which there is at least one.
    if (layers.length === 1) return only!.open
    if (this.#options.failback !== 'gradual') this.#watch(candidates, layers, now)
    const loads = this.#loads(layers)
    let place = random()
    for (const [index, load] of loads.entries()) {
      place -= load
      if (place < 0) return layers[index]!.open
    }
    return layers.findLast((_layer, index) => (loads[index] ?? 0) > 0)?.open ?? open
  }

  /**
   * The targets of the lowest tier that serves and has any, for an attempt that follows a failed one. What is not open here may
   * only have been tried before: that spills nothing over, and says nothing of the tier to other requests.
   */
  lowest(open: readonly Target[]): readonly Target[] {
    const serving = open.filter(target => !this.#held.has(this.levelOf(target)))
    const among = serving.length > 0 ? serving : open
    const lowest = among.reduce((least, target) => Math.min(least, this.levelOf(target)), Number.POSITIVE_INFINITY)
    return among.filter(target => this.levelOf(target) === lowest)
  }

  /** Tier and zone as one number: what is lower is used first. */
  levelOf({ tier, zone }: Target): number {
    return 2 * tier + (this.#options.zone === undefined || zone === undefined || zone === this.#options.zone ? 0 : 1)
  }

  /** By an operator's word, traffic may return to every tier that is well. */
  release(): void {
    this.#held.clear()
  }

  /** Tiers that are well and wait to get traffic again. */
  held(): number[] {
    return [...this.#held].filter(([, wellSince]) => wellSince !== undefined).map(([tier]) => tier)
  }

  #loads(layers: readonly Layer[]): readonly number[] {
    const shares = layers.map(({ tier, open, total }) => (this.#held.has(tier) ? 0 : open.length / total))
    const loads = tierLoads(shares, this.#options.spill)
    // Rather a tier that should wait than none.
    return loads.some(load => load > 0)
      ? loads
      : tierLoads(
          layers.map(({ open, total }) => open.length / total),
          this.#options.spill
        )
  }

  /** What a plugin leaves of a tier to one request says nothing of the tier: only the group as a whole does. */
  #watch(candidates: readonly Target[], layers: readonly Layer[], now: number): void {
    const whole = this.#whole
    const all = whole === undefined || candidates === whole.targets ? layers : this.#layersOf(whole.targets, whole.open(now))
    for (const layer of all) this.#watchTier(layer, now)
  }

  #watchTier({ tier, open, total }: Layer, now: number): void {
    if (open.length === 0) {
      this.#held.set(tier, undefined)
      return
    }
    if (!this.#held.has(tier)) return
    const isWell = open.length * this.#options.spill >= total
    const wellSince = isWell ? (this.#held.get(tier) ?? now) : undefined
    const mayReturn = this.#options.failback === 'delayed' && wellSince !== undefined && now - wellSince >= this.#options.holdMs
    if (mayReturn) this.#held.delete(tier)
    else this.#held.set(tier, wellSince)
  }

  /** The same lists are asked for again and again while no gate moves, and pickers keep tables by them. */
  #layersOf(candidates: readonly Target[], open: readonly Target[]): readonly Layer[] {
    const known = this.#layers.get(open)
    if (known?.candidates === candidates) return known.layers
    const tiers = [...new Set(candidates.map(target => this.levelOf(target)))].sort((one, other) => one - other)
    const layers =
      tiers.length === 1
        ? [{ tier: tiers[0] ?? 0, open, total: candidates.length }]
        : tiers.map(tier => ({
            tier,
            open: open.filter(target => this.levelOf(target) === tier),
            total: candidates.filter(target => this.levelOf(target) === tier).length
          }))
    this.#layers.set(open, { candidates, layers })
    return layers
  }
}
