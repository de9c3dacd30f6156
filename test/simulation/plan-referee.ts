import type { Exchange } from '../../src/model/exchange.ts'
import type { Group } from '../../src/model/group.ts'
import { isIdempotent } from '../../src/model/methods.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import type { NextStep, Place, Plan, Repeatable } from '../../src/model/plan.ts'
import type { Target } from '../../src/model/target.ts'
import type { Ledger } from './referee.ts'

const windowMs = 10_000
/** Retries that are allowed in a window, however few requests there are. */
const alwaysAllowed = 30

/** What a run's configuration says, in numbers. */
export interface Rules {
  readonly budget: number
  readonly attempts: number
  readonly unsafe: boolean
  readonly spill: number
  /** Tiers that were out may have to wait though they are well. */
  readonly holdsTiers: boolean
}

const neverSent = (outcome: Outcome) => outcome.kind === 'failure' && !outcome.sent

/** Looks over the shoulder of every plan of a gateway. */
export class PlanReferee {
  readonly #rules: Rules
  readonly #ledger: Ledger
  readonly #requests: number[] = []
  readonly #retries: number[] = []

  constructor(rules: Rules, ledger: Ledger) {
    this.#rules = rules
    this.#ledger = ledger
  }

  /** The same plan, looked at. */
  watch(plan: Plan, exchange: Exchange, now: number): Plan {
    this.#requests.push(now)
    this.#checkFirst(plan.first, exchange, now)
    return {
      first: plan.first,
      admitted: (place, at) => this.#admitted(plan, exchange, place, at),
      mayFollow: (outcome, request, at) => plan.mayFollow(outcome, request, at),
      beside: at => this.#beside(plan, exchange, at),
      after: (outcome, request, at) => this.#after(plan, exchange, outcome, request, at)
    }
  }

  #after(plan: Plan, exchange: Exchange, outcome: Outcome, request: Repeatable, now: number): NextStep | undefined {
    const step = plan.after(outcome, request, now)
    if (step === undefined) return undefined
    const { attempts, unsafe } = this.#rules
    const check = this.#ledger.check.bind(this.#ledger)
    check(exchange.attempts.length < attempts, () => `attempt ${exchange.attempts.length + 1} of ${attempts} is made`)
    check(outcome.kind !== 'aborted', () => 'an attempt follows one that was given up')
    check(
      neverSent(outcome) || unsafe || isIdempotent(request.method),
      () => `${request.method} is sent again after ${JSON.stringify(outcome)}`
    )
    check(now + step.waitMs < exchange.deadlineAt, () => 'an attempt is planned for after the deadline')
    this.#checkAskedBack(step.target, exchange, now + step.waitMs)
    this.#checkUntried(step, exchange, now)
    if (!neverSent(outcome)) this.#spend(now)
    return step
  }

  #admitted(plan: Plan, exchange: Exchange, planned: Place, now: number): Place | undefined {
    const place = plan.admitted(planned, now)
    if (place === undefined) return undefined
    this.#checkAskedBack(place.target, exchange, now)
    this.#checkUntried(place, exchange, now)
    return place
  }

  #beside(plan: Plan, exchange: Exchange, now: number): Place | undefined {
    const place = plan.beside(now)
    if (place === undefined) return undefined
    this.#checkUntried(place, exchange, now)
    this.#ledger.check(!wasTried(place.target, exchange), () => `the rival goes to ${place.target.id}, which has been tried`)
    return place
  }

  /** The first attempt's tier is the lowest that can take anything, or the lower ones have too few left for everything. */
  #checkFirst({ group, target }: Place, exchange: Exchange, now: number): void {
    this.#checkGroup(group, exchange, admitted(exchange, now), target)
    if (this.#rules.holdsTiers) return
    const tiers = new Map<number, { open: number; all: number }>()
    for (const each of group.targets) {
      const counted = tiers.get(each.tier) ?? { open: 0, all: 0 }
      tiers.set(each.tier, counted)
      counted.all++
      if (group.gates.refusal(each, now) === undefined) counted.open++
    }
    let taken = 0
    for (const [tier, { open, all }] of tiers) if (tier < target.tier) taken += Math.min(1, (this.#rules.spill * open) / all)
    this.#ledger.check(taken < 1, () => `tier ${target.tier} gets a request, but the lower ones can take ${taken} of all`)
  }

  /** Nobody is tried twice while another admits, nor in a higher tier or a fallback group while a lower one has somebody. */
  #checkUntried({ group, target }: Place, exchange: Exchange, now: number): void {
    const untried = admitted(exchange, now).filter(each => !wasTried(each, exchange))
    if (untried.length === 0) return
    this.#ledger.check(
      !wasTried(target, exchange),
      () => `${target.id} is tried again, but ${untried.map(({ id }) => id).join(', ')} would admit it`
    )
    this.#checkGroup(group, exchange, untried, target)
    if (this.#rules.holdsTiers) return
    const lower = untried.find(each => group.has(each) && each.tier < target.tier)
    this.#ledger.check(lower === undefined, () => `${target.id} is tried before ${lower?.id}, whose tier is lower`)
  }

  /** Whoever asks, by Retry-After, not to be asked for a while is not. */
  #checkAskedBack(target: Target, { attempts }: Exchange, at: number): void {
    for (const { target: tried, outcome, answeredAt = 0 } of attempts) {
      if (tried !== target || outcome?.kind !== 'response') continue
      const earliest = answeredAt + (outcome.retryAfterMs ?? 0)
      this.#ledger.check(at >= earliest, () => `${target.id} is asked again ${earliest - at} ms before it asked to be`)
    }
  }

  #checkGroup(group: Group, exchange: Exchange, usable: readonly Target[], target: Target): void {
    const first = usable.find(each => exchange.group.has(each))
    this.#ledger.check(
      group === exchange.group || first === undefined,
      () => `${target.id} of ${group.name} is used, but ${first?.id} would admit the request`
    )
  }

  /** In any 10 s, 30 retries and a share of the requests of these 10 s. */
  #spend(now: number): void {
    this.#retries.push(now)
    const retries = lately(this.#retries, now)
    const most = alwaysAllowed + this.#rules.budget * lately(this.#requests, now)
    this.#ledger.check(retries <= most, () => `${retries} retries in 10 s, but the budget is ${most}`)
  }
}

/** How many of these instants, in ascending order, are in the window that ends now; those before it are dropped. */
function lately(instants: number[], now: number): number {
  const first = instants.findIndex(at => at > now - windowMs)
  if (first > 0) instants.splice(0, first)
  return instants.length
}

const wasTried = (target: Target, { attempts }: Exchange) => attempts.some(attempt => attempt.target === target)

/** Candidates that every gate of their group admits, along the chain of fallback groups. */
function admitted({ group, candidates }: Exchange, now: number): Target[] {
  const found: Target[] = []
  for (let each: Group | undefined = group; each !== undefined; each = each.fallback) {
    const { gates } = each
    for (const target of candidates) if (each.has(target) && gates.refusal(target, now) === undefined) found.push(target)
  }
  return found
}
