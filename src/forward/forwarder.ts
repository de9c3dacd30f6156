import type { Exchange } from '../model/exchange.ts'
import type { Plan } from '../model/plan.ts'
import type { Tunnelling } from '../model/tunnelling.ts'
import type { Clock } from '../time/clock.ts'
import type { Deadlines } from '../time/deadlines.ts'
import type { Random } from '../time/random.ts'
import type { Client } from './client.ts'
import { copiesOf } from './copies.ts'
import { Forwarding } from './forwarding.ts'

/** What every exchange needs, made once. */
export interface ForwarderParts {
  readonly deadlines: Deadlines
  readonly clock: Clock
  /** Milliseconds since 1970, for dates in fields. */
  readonly wallClock: () => number
  readonly random: Random
  readonly tunnels: Tunnelling
}

/** Carries out the plan that the hook chain left: the only place where requests leave the gateway. */
export class Forwarder {
  readonly #parts: ForwarderParts

  constructor(parts: ForwarderParts) {
    this.#parts = parts
  }

  forward(exchange: Exchange, plan: Plan, client: Client): void {
    const copies = copiesOf(exchange, client, this.#parts)
    new Forwarding(exchange, plan, copies?.client ?? client, this.#parts, copies).begin()
  }
}
