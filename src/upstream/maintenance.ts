import type { Gate } from '../model/gate.ts'
import type { Target } from '../model/target.ts'

/** An operator's word about a target. */
export interface Order {
  readonly action: 'drain'
  /** As the admin API knows the operator. */
  readonly who: string
  /** ISO 8601. */
  readonly when: string
}

/** Targets that an operator has taken out: they finish what they have and get nothing new. Nothing overrules it. */
export class Maintenance implements Gate {
  readonly name = 'maintenance'
  readonly #orders = new Map<Target, Order>()
  readonly #returned: (target: Target, now: number) => void

  /** `returned` is told when a target that was drained may be used again. */
  constructor(returned: (target: Target, now: number) => void = () => {}) {
    this.#returned = returned
  }

  get quiet(): boolean {
    return this.#orders.size === 0
  }

  refusal(target: Target): string | undefined {
    const order = this.#orders.get(target)
    return order === undefined ? undefined : `drained by ${order.who} at ${order.when}`
  }

  orderFor(target: Target): Order | undefined {
    return this.#orders.get(target)
  }

  drain(target: Target, who: string, when: string): void {
    this.#orders.set(target, { action: 'drain', who, when })
  }

  enable(target: Target, now: number): void {
    if (this.#orders.delete(target)) this.#returned(target, now)
  }
}
