import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import type { BreakerView } from '../model/breaker-view.ts'
import type { Gate } from '../model/gate.ts'
import { PerTarget, type Target } from '../model/target.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Random } from '../time/random.ts'
import { Circuit, type CircuitKind, type CircuitOptions } from './circuit.ts'

/** Where every breaker of a group is open, one target is probed at least so often, whatever their time says. */
const rescueEveryMs = 250

/**
 * A circuit for each target of a group. Where nobody is left it does not wait: one target is probed every 250 ms, and a success
 * there lets the others be probed at once, so that a group that has healed is back in less time than any of its circuits says.
 */
export class Breaker implements Gate, AttemptObserver, BreakerView {
  readonly name = 'breaker'
  readonly #targets: readonly Target[]
  readonly #turned: (target: Target, isOpen: boolean) => void
  readonly #circuits: PerTarget<Circuit>
  /** Targets whose circuit was seen not to be quiet. */
  readonly #troubled = new Set<Target>()
  #rescuedAt = Number.NEGATIVE_INFINITY

  /** `turned` is told when a target's circuit opens, and when it has closed again. */
  constructor(
    targets: readonly Target[],
    options: CircuitOptions,
    random: Random,
    turned: (target: Target, isOpen: boolean) => void = () => {}
  ) {
    this.#turned = turned
    this.#targets = targets
    this.#circuits = new PerTarget(() => new Circuit(options, random))
  }

  get quiet(): boolean {
    return this.#troubled.size === 0
  }

  refusal(target: Target, now: number): string | undefined {
    const circuit = this.#circuits.of(target)
    if (circuit.admits(now) || this.#rescues(target, now)) return undefined
    return circuit.kind(now) === 'open' ? 'breaker open' : 'breaker half open, its probes are under way'
  }

  admitsAt(target: Target): number | undefined {
    return this.opensUntil(target)
  }

  stateOf(target: Target, now: number): CircuitKind {
    return this.#circuits.of(target).kind(now)
  }

  opensUntil(target: Target): number | undefined {
    return this.#circuits.of(target).openUntil
  }

  /** The share of its traffic that a target may have now, 0..1. */
  warmth(target: Target, now: number): number {
    return this.#troubled.has(target) ? this.#circuits.of(target).warmth(now) : 1
  }

  started({ target }: Attempt, now: number): void {
    if (this.quiet) return
    const circuit = this.#circuits.of(target)
    // Others that come though nothing is admitted had been admitted before, and waited: no reason to open the way for more.
    if (!circuit.admits(now) && this.#rescues(target, now)) {
      circuit.probeNow(now)
      this.#rescuedAt = now
    }
    circuit.started(now)
  }

  judged({ target, startedAt, answeredAt = startedAt }: Attempt, verdict: Verdict, now: number): void {
    if (verdict === 'ignored') return
    const circuit = this.#circuits.of(target)
    const isProbe = circuit.isProbe(startedAt)
    const wasClosed = circuit.isClosed
    circuit.judged(verdict === 'failure', answeredAt - startedAt, startedAt, now)
    // One that was too slow has opened it again.
    if (isProbe && circuit.openUntil === undefined) this.#hope(now)
    if (circuit.isClosed !== wasClosed) this.#turned(target, wasClosed)
    if (circuit.isQuiet(now)) this.#troubled.delete(target)
    else this.#troubled.add(target)
  }

  ended({ target, startedAt }: Attempt): void {
    if (!this.quiet) this.#circuits.of(target).ended(startedAt)
  }

  /** What made them open was probably one cause. */
  #hope(now: number): void {
    for (const target of this.#troubled) this.#circuits.of(target).probeNow(now)
  }

  /** Every circuit is open, the last rescue was long enough ago, and this is the one that would be probed first. */
  #rescues(target: Target, now: number): boolean {
    if (now - this.#rescuedAt < rescueEveryMs || this.#troubled.size < this.#targets.length) return false
    let first: Target | undefined
    let earliest = Number.POSITIVE_INFINITY
    for (const each of this.#targets) {
      const { openUntil } = this.#circuits.of(each)
      if (openUntil === undefined) return false
      if (openUntil < earliest) {
        first = each
        earliest = openUntil
      }
    }
    return first === target
  }
}
