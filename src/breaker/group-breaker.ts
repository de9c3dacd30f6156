import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import type { Gate } from '../model/gate.ts'
import type { Target } from '../model/target.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Random } from '../time/random.ts'
import { Circuit, type CircuitKind, type CircuitOptions } from './circuit.ts'

/** One circuit for a whole group: for targets that fail together because of what stands behind them. */
export class GroupBreaker implements Gate, AttemptObserver {
  readonly name = 'group breaker'
  readonly #circuit: Circuit

  constructor(options: CircuitOptions, random: Random) {
    this.#circuit = new Circuit(options, random)
  }

  get quiet(): boolean {
    return this.#circuit.isClosed
  }

  refusal(_target: Target, now: number): string | undefined {
    return this.#circuit.admits(now) ? undefined : `breaker of the group ${this.#circuit.kind(now)}`
  }

  admitsAt(): number | undefined {
    return this.#circuit.openUntil
  }

  state(now: number): CircuitKind {
    return this.#circuit.kind(now)
  }

  started(_attempt: Attempt, now: number): void {
    this.#circuit.started(now)
  }

  judged({ startedAt, answeredAt = startedAt }: Attempt, verdict: Verdict, now: number): void {
    if (verdict !== 'ignored') this.#circuit.judged(verdict === 'failure', answeredAt - startedAt, startedAt, now)
  }

  ended({ startedAt }: Attempt): void {
    this.#circuit.ended(startedAt)
  }
}
