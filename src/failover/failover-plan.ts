import type { Exchange } from '../model/exchange.ts'
import type { RetryRules } from '../model/group.ts'
import { type Outcome, outcomeName } from '../model/outcome.ts'
import type { NextStep, Plan, Repeatable } from '../model/plan.ts'
import type { Target } from '../model/target.ts'
import type { Random } from '../time/random.ts'
import { backoffMs } from './backoff.ts'
import { mayRepeat, neverSent } from './retry-rule.ts'
import type { Tiers } from './tiers.ts'

/**
 * Where an exchange goes when an attempt fails: to untried candidates of the lowest tier that has one, then to those that were
 * tried before. Gates are asked again each time, since much may have happened during an attempt.
 */
export class FailoverPlan implements Plan {
  readonly first: Target
  readonly #exchange: Exchange
  readonly #rules: RetryRules
  readonly #tiers: Tiers
  readonly #random: Random

  constructor(first: Target, exchange: Exchange, tiers: Tiers, random: Random) {
    this.first = first
    this.#exchange = exchange
    this.#tiers = tiers
    this.#random = random
    const { route, group } = exchange
    this.#rules = route.retry === undefined ? group.retry : { ...group.retry, ...route.retry }
  }

  mayFollow(outcome: Outcome, request: Repeatable, now: number): boolean {
    const { attempts, deadlineAt, group } = this.#exchange
    if (attempts.length >= this.#rules.attempts || now >= deadlineAt) return false
    return mayRepeat(outcome, request, this.#rules) && (neverSent(outcome) || group.budget.admits(now))
  }

  after(outcome: Outcome, request: Repeatable, now: number): NextStep | undefined {
    if (!this.mayFollow(outcome, request, now)) return undefined
    const { group, deadlineAt, attempts } = this.#exchange
    const open = group.gates.open(this.#exchange.candidates, now)
    const untried = open.filter(target => !this.#wasTried(target))
    const left = untried.length > 0 ? untried : open.filter(target => this.#askedBackAt(target) < deadlineAt)
    if (left.length === 0) return undefined
    const target = group.picker.pick(this.#tiers.lowest(left), { now, random: this.#random, retry: true })
    // A connection that was never made is no sign of overload: another target may have the request at once.
    const pause = neverSent(outcome) && untried.length > 0 ? 0 : backoffMs(attempts.length, this.#rules.backoffMs, this.#random)
    const waitMs = Math.max(pause, this.#askedBackAt(target) - now)
    if (now + waitMs >= deadlineAt) return undefined
    if (!neverSent(outcome)) group.budget.spend(now)
    for (const observer of group.observers) observer.retried?.(outcomeName(outcome))
    return { target, waitMs }
  }

  #wasTried(target: Target): boolean {
    return this.#exchange.attempts.some(attempt => attempt.target === target)
  }

  /** The instant before which the target asked, by Retry-After, not to be asked again. */
  #askedBackAt(target: Target): number {
    let at = 0
    for (const attempt of this.#exchange.attempts) {
      const { outcome, answeredAt = 0 } = attempt
      if (attempt.target === target && outcome?.kind === 'response') at = answeredAt + (outcome.retryAfterMs ?? 0)
    }
    return at
  }
}
