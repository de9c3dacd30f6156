/** One origin of a group. Its identity never changes; what happens to it is kept by the policies, see `PerTarget`. */
export interface Target {
  readonly id: string
  /** Scheme, host and port, without a slash at the end. */
  readonly url: string
  /** Its share of the group's traffic, relative to the other weights. */
  readonly weight: number
  /** 0 is used first; higher tiers are backups. */
  readonly tier: number
  readonly zone?: string
  readonly tags: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** What one policy knows of each target; it goes when the target goes. */
export class PerTarget<State> {
  readonly #states = new WeakMap<Target, State>()
  readonly #create: (target: Target) => State

  constructor(create: (target: Target) => State) {
    this.#create = create
  }

  of(target: Target): State {
    let state = this.#states.get(target)
    if (state === undefined) {
      state = this.#create(target)
      this.#states.set(target, state)
    }
    return state
  }
}
