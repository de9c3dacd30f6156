import type { Exchange } from '../model/exchange.ts'
import type { RetryRules } from '../model/group.ts'
import { type Outcome, outcomeName } from '../model/outcome.ts'
import type { NextStep, Place, Plan, Repeatable } from '../model/plan.ts'
import type { Reach } from '../model/reach.ts'
import type { Target } from '../model/target.ts'
import type { Random } from '../time/random.ts'
import { backoffMs } from './backoff.ts'
import { reachAmong } from './reach.ts'
import { mayRepeat, neverSent } from './retry-rule.ts'

/**
 * Where an exchange goes when an attempt fails: to untried candidates, lower tiers first and fallback groups last, then to
 * those that were tried before. Gates are asked again each time, since much may have happened during an attempt.
 */
export class FailoverPlan implements Plan {
  readonly first: Place
  readonly #exchange: Exchange
  readonly #rules: RetryRules
  readonly #random: Random

  constructor(first: Place, exchange: Exchange, random: Random) {
    this.first = first
    this.#exchange = exchange
    this.#random = random
    const { route, group } = exchange
    this.#rules = route.retry === undefined ? group.retry : { ...group.retry, ...route.retry }
  }

  admitted(place: Place, now: number): Place | undefined {
    const { group, candidates, attempts } = this.#exchange
    const isAdmitted = place.group.gates.refusal(place.target, now) === undefined
    // Load balancing drew the first place, by what each tier can take.
    if (isAdmitted && attempts.length === 0) return place
    const within =
      reachAmong(group, candidates, now, target => !this.#wasTried(target)) ??
      reachAmong(group, candidates, now, target => this.#askedBackAt(target) <= now)
    if (within === undefined) return undefined
    const target = this.#select(within, now)
    // Somebody better may have come back during the wait: one that is untried, of a lower tier or of the group itself.
    const isAsGood = within.group === place.group && within.open.includes(place.target) && target.tier === place.target.tier
    return isAsGood ? place : { group: within.group, target }
  }

  mayFollow(outcome: Outcome, request: Repeatable, now: number): boolean {
    const { attempts, deadlineAt, group } = this.#exchange
    // An attempt that cannot finish in what is left would be load without use.
    if (attempts.length >= this.#rules.attempts || now + group.typicalMs(now) >= deadlineAt) return false
    return mayRepeat(outcome, request, this.#rules) && (neverSent(outcome) || group.budget.admits(now))
  }

  beside(now: number): Place | undefined {
    const { group, candidates, attempts } = this.#exchange
    const current = attempts.at(-1)?.target
    const within = reachAmong(group, candidates, now, target => !this.#wasTried(target))
    // A fallback group is for when nothing else is left, and a hedge is a luxury.
    if (within === undefined || current === undefined || !within.group.has(current)) return undefined
    return { group: within.group, target: this.#select(within, now) }
  }

  after(outcome: Outcome, request: Repeatable, now: number): NextStep | undefined {
    if (!this.mayFollow(outcome, request, now)) return undefined
    const { group, deadlineAt, attempts, candidates } = this.#exchange
    const untried = reachAmong(group, candidates, now, target => !this.#wasTried(target))
    const within = untried ?? reachAmong(group, candidates, now, target => this.#askedBackAt(target) < deadlineAt)
    // Who could not answer in time would do the same work once more, and not in time either.
    if (within === undefined || (untried === undefined && isTimeout(outcome))) return undefined
    const target = this.#select(within, now)
    // A connection that was never made is no sign of overload: another target may have the request at once.
    const pause =
      neverSent(outcome) && untried !== undefined ? 0 : backoffMs(attempts.length, this.#rules.backoffMs, this.#random)
    const waitMs = Math.max(pause, this.#askedBackAt(target) - now)
    if (now + waitMs >= deadlineAt) return undefined
    if (!neverSent(outcome)) group.budget.spend(now)
    for (const observer of group.observers) observer.retried?.(outcomeName(outcome))
    return { group: within.group, target, waitMs }
  }

  #select({ group, candidates, open }: Reach, now: number): Target {
    const { key, attempts } = this.#exchange
    const gone = attempts.at(-1)?.target
    return group.selector.select(
      candidates,
      open,
      { now, random: this.#random, retry: true, key },
      gone && group.has(gone) ? gone : undefined
    )
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

const isTimeout = (outcome: Outcome) => outcome.kind === 'failure' && outcome.reason === 'timeout'
