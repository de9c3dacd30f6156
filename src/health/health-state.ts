export type HealthStatus = 'unchecked' | 'passing' | 'failing'

/** How many results in a row turn a target. */
export interface Thresholds {
  readonly fall: number
  readonly rise: number
}

/**
 * Whether a target is well, by the results of its checks. The very first result decides alone, as with Envoy and HAProxy: a
 * target that answers may be used at once, and one that fails before it was ever seen well has no credit to use up. After that
 * it takes `fall` failures or `rise` passes in a row.
 */
export class HealthState {
  readonly #thresholds: Thresholds
  #status: HealthStatus = 'unchecked'
  #passes = 0
  #failures = 0

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds
  }

  get status(): HealthStatus {
    return this.#status
  }

  /** Passes since the last failure. */
  get passes(): number {
    return this.#passes
  }

  /** Failures since the last pass. */
  get failures(): number {
    return this.#failures
  }

  /** The latest results speak against the status, and it is not yet turned. */
  get inTransition(): boolean {
    return this.#status === 'passing' ? this.#failures > 0 : this.#status === 'failing' && this.#passes > 0
  }

  /** Takes a result in. True when the status is another one now. */
  record(ok: boolean): boolean {
    this.#passes = ok ? this.#passes + 1 : 0
    this.#failures = ok ? 0 : this.#failures + 1
    const before = this.#status
    this.#status = this.#next(ok)
    return this.#status !== before
  }

  #next(ok: boolean): HealthStatus {
    switch (this.#status) {
      case 'unchecked':
        return ok ? 'passing' : 'failing'
      case 'passing':
        return this.#failures >= this.#thresholds.fall ? 'failing' : 'passing'
      case 'failing':
        return this.#passes >= this.#thresholds.rise ? 'passing' : 'failing'
    }
  }
}
