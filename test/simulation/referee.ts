import { Admission } from '../../src/limit/admission.ts'
import type { Attempt, AttemptObserver } from '../../src/model/attempt.ts'
import type { RunningGroup } from '../../src/upstream/registry.ts'

/** Where every breaker is open, one target is tried this often. */
const rescueEveryMs = 250

/** Notes what is against the rules, with the instant; the first few are enough. */
export class Ledger {
  readonly broken: string[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  check(holds: boolean, rule: () => string): void {
    if (!holds && this.broken.length < 10) this.broken.push(`${this.#now().toFixed(1)} ms: ${rule()}`)
  }
}

/** Watches the attempts of a group: where they go, and that each of them begins, is judged and ends as it should. */
export class AttemptReferee implements AttemptObserver {
  readonly #running: RunningGroup
  readonly #ledger: Ledger
  readonly #mostEjected: number
  readonly #underWay = new Set<Attempt>()
  readonly #judged = new WeakSet<Attempt>()
  #rescuedAt = Number.NEGATIVE_INFINITY

  /** Of a group's targets at most so many may be ejected at a time. */
  constructor(running: RunningGroup, mostEjected: number, ledger: Ledger) {
    this.#running = running
    this.#mostEjected = mostEjected
    this.#ledger = ledger
    // It looks before those who change their mind by what they see; the list is an array like any other.
    ;(running.group.observers as AttemptObserver[]).unshift(this)
  }

  started(attempt: Attempt, now: number): void {
    const { target } = attempt
    const { group, breaker, ejection } = this.#running
    this.#ledger.check(!this.#underWay.has(attempt), () => `an attempt at ${target.id} begins twice`)
    this.#underWay.add(attempt)
    const refusal = group.gates.refusal(target, now)
    this.#ledger.check(refusal === undefined, () => `an attempt goes to ${target.id}, which is shut: ${refusal}`)
    const ejected = group.targets.filter(each => (ejection?.ejectedUntil(each) ?? now) > now).length
    this.#ledger.check(ejected <= this.#mostEjected, () => `${ejected} are ejected, but may be ${this.#mostEjected}`)
    // A shut breaker that admits lets a single probe through, since all are shut.
    if (breaker?.stateOf(target, now) !== 'open') return
    const restMs = now - this.#rescuedAt
    this.#ledger.check(restMs >= rescueEveryMs, () => `a shut group is probed again after ${restMs} ms`)
    this.#rescuedAt = now
  }

  judged(attempt: Attempt): void {
    this.#ledger.check(this.#underWay.has(attempt), () => `an attempt at ${attempt.target.id} is judged that is not under way`)
    this.#ledger.check(attempt.outcome !== undefined, () => 'an attempt is judged without an outcome')
    this.#judged.add(attempt)
  }

  ended(attempt: Attempt): void {
    this.#ledger.check(this.#underWay.delete(attempt), () => `an attempt at ${attempt.target.id} ends that is not under way`)
    this.#ledger.check(this.#judged.has(attempt), () => `an attempt at ${attempt.target.id} ends without a judgement`)
  }

  /** Once all has been well, and nothing under way, for longer than anything is out. */
  finish(now: number): void {
    const { group, traffic } = this.#running
    const { admission } = group
    this.#ledger.check(this.#underWay.size === 0, () => `${this.#underWay.size} attempts have not ended`)
    for (const target of group.targets) {
      const left = traffic.inFlight(target)
      this.#ledger.check(left === 0, () => `${left} in flight at ${target.id} when all is over`)
      const refusal = group.gates.refusal(target, now)
      this.#ledger.check(refusal === undefined, () => `${target.id} is out for good: ${refusal}`)
    }
    if (!(admission instanceof Admission)) return
    const left = admission.inFlight + admission.waiting
    this.#ledger.check(left === 0, () => `${left} requests of ${group.name} have not left when all is over`)
  }
}
