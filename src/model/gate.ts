import type { Target } from './target.ts'

/** Says whether a target admits traffic now. A target is used only when every gate of its group admits it. */
export interface Gate {
  readonly name: string
  /** True for what may be mistaken about many targets at once: health and ejection. Panic overrides it. */
  readonly ignoredInPanic?: boolean
  /** True while it refuses nobody, so that the request path need not ask for each target. */
  readonly quiet: boolean
  /** Why the target gets nothing now, in words for an operator; undefined when it is admitted. */
  refusal(target: Target, now: number): string | undefined
  /** The earliest moment at which a refused target may be admitted again; undefined when that is not known. */
  admitsAt?(target: Target): number | undefined
}

/** All gates of a group as one. */
export class Gates {
  readonly list: readonly Gate[]
  #lastOpen: readonly Target[] = []

  constructor(list: readonly Gate[]) {
    this.list = list
  }

  /** The first refusal of any gate, or undefined when all admit the target. */
  refusal(target: Target, now: number): string | undefined {
    for (const gate of this.list) {
      const refusal = gate.quiet ? undefined : gate.refusal(target, now)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  /**
   * The targets that every gate admits: the given list itself when that is all of them, and the same array as before when it
   * is the same targets, since pickers keep tables by the array.
   */
  open(targets: readonly Target[], now: number): readonly Target[] {
    if (this.#quiet()) return targets
    const last = this.#lastOpen
    let count = 0
    let same = true
    for (const target of targets) {
      if (this.refusal(target, now) !== undefined) continue
      if (last[count] !== target) same = false
      count++
    }
    if (count === targets.length) return targets
    if (!same || count !== last.length) this.#lastOpen = targets.filter(target => this.refusal(target, now) === undefined)
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

  #quiet(): boolean {
    for (const gate of this.list) if (!gate.quiet) return false
    return true
  }
}
