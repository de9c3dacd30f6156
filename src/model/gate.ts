import type { Target } from './target.ts'

/** Says whether a target admits traffic now. A target is used only when every gate of its group admits it. */
export interface Gate {
  readonly name: string
  /** True for what may be mistaken about many targets at once: health and ejection. Panic overrides it. */
  readonly ignoredInPanic?: boolean
  /** True for one that refuses because enough is under way, not because something is wrong. */
  readonly isLimit?: boolean
  /** True while it refuses nobody, so that the request path need not ask for each target. */
  readonly quiet: boolean
  /** Why the target gets nothing now, in words for an operator; undefined when it is admitted. */
  refusal(target: Target, now: number): string | undefined
  /** The earliest moment at which a refused target may be admitted again; undefined when that is not known. */
  admitsAt?(target: Target): number | undefined
}

/** When a gate may be overruled. */
export interface PanicOptions {
  /** When fewer than this share of the targets pass what may be mistaken, that is ignored; 0: never. */
  readonly panicShare: number
  readonly targets: readonly Target[]
  /** Another group can take over: that is better than to doubt what is known. */
  readonly hasFallback?: (now: number) => boolean
  /** Taken out by an operator: not counted, and never used. */
  readonly isDrained: (target: Target) => boolean
}

/** All gates of a group as one. */
export class Gates {
  readonly list: readonly Gate[]
  readonly #panic: PanicOptions | undefined
  #lastOpen: readonly Target[] = []

  constructor(list: readonly Gate[], panic?: PanicOptions) {
    this.list = list
    this.#panic = panic === undefined || panic.panicShare === 0 ? undefined : panic
  }

  /** The first refusal of any gate, or undefined when all admit the target. In panic some are not asked. */
  refusal(target: Target, now: number): string | undefined {
    return this.#refusal(target, now, this.isPanicking(now))
  }

  /** What the gates have against a target, whether or not they are heard. */
  complaint(target: Target, now: number): string | undefined {
    return this.#refusal(target, now, false)
  }

  /** Some target is refused by nothing but a limit. */
  isFull(targets: readonly Target[], now: number): boolean {
    return targets.some(target => this.list.every(gate => gate.isLimit || gate.quiet || gate.refusal(target, now) === undefined))
  }

  /** So few targets pass health and ejection that these are probably mistaken, and using all is better than using those few. */
  isPanicking(now: number): boolean {
    if (this.#panic === undefined || !this.#doubts()) return false
    const { targets, panicShare, isDrained, hasFallback } = this.#panic
    const tiers = new Map<number, { counted: number; passing: number }>()
    let counted = 0
    let passing = 0
    for (const target of targets) {
      if (isDrained(target)) continue
      const tier = tiers.get(target.tier) ?? { counted: 0, passing: 0 }
      tiers.set(target.tier, tier)
      const passes = this.#isDoubted(target, now) ? 0 : 1
      counted++
      tier.counted++
      passing += passes
      tier.passing += passes
    }
    // A tier that is well can take everything: Envoy, too, counts no panic then.
    for (const tier of tiers.values()) if (tier.passing === tier.counted) return false
    return passing < panicShare * counted && hasFallback?.(now) !== true
  }

  /**
   * The targets that every gate admits: the given list itself when that is all of them, and the same array as before when it
   * is the same targets, since pickers keep tables by the array.
   */
  open(targets: readonly Target[], now: number): readonly Target[] {
    if (this.#quiet()) return targets
    const panicking = this.isPanicking(now)
    const last = this.#lastOpen
    let count = 0
    let same = true
    for (const target of targets) {
      if (this.#refusal(target, now, panicking) !== undefined) continue
      if (last[count] !== target) same = false
      count++
    }
    if (count === targets.length) return targets
    if (!same || count !== last.length)
      this.#lastOpen = targets.filter(target => this.#refusal(target, now, panicking) === undefined)
    return this.#lastOpen
  }

  /** When the first of the targets may be admitted again; undefined when nobody knows. */
  opensAt(targets: readonly Target[]): number | undefined {
    let earliest: number | undefined
    for (const target of targets) {
      for (const gate of this.list) {
        const at = gate.admitsAt?.(target)
        if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at
      }
    }
    return earliest
  }

  #refusal(target: Target, now: number, panicking: boolean): string | undefined {
    for (const gate of this.list) {
      if (gate.quiet || (panicking && gate.ignoredInPanic)) continue
      const refusal = gate.refusal(target, now)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  #isDoubted(target: Target, now: number): boolean {
    for (const gate of this.list) if (gate.ignoredInPanic && !gate.quiet && gate.refusal(target, now) !== undefined) return true
    return false
  }

  #doubts(): boolean {
    for (const gate of this.list) if (gate.ignoredInPanic && !gate.quiet) return true
    return false
  }

  #quiet(): boolean {
    for (const gate of this.list) if (!gate.quiet) return false
    return true
  }
}
