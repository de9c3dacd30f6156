import type { Gate } from '../model/gate.ts'
import type { Load } from '../model/picker.ts'
import type { Target } from '../model/target.ts'

/** Keeps every target of a group below so many requests at once. */
export class TargetLimit implements Gate {
  readonly name = 'limit'
  readonly isLimit = true
  readonly quiet = false
  readonly #most: number
  readonly #inFlight: Load

  constructor(most: number, inFlight: Load) {
    this.#most = most
    this.#inFlight = inFlight
  }

  refusal(target: Target): string | undefined {
    return this.#inFlight(target) < this.#most ? undefined : `${this.#most} requests in flight, as many as it may have`
  }
}
