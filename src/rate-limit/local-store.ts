import type { Clock } from '../time/clock.ts'
import type { Decision, Question, Standing, Store } from './store.ts'
import type { Rule, Usage } from './usage.ts'

/** How many gateways share a limit evenly while they cannot ask each other. */
export type Sharing = (question: Question) => number

/** This gateway has the whole of it. */
export const alone: Sharing = () => 1

/** Counts in this process. */
export class LocalStore implements Store {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  decide(questions: readonly Question[], settle: (decision: Decision) => void): void {
    settle(decideHere(questions, alone, this.#clock()))
  }

  async close(): Promise<void> {}
}

/** One limit while it is decided; what is left of it is its standing. */
class Asked implements Standing {
  readonly limit: Standing['limit']
  readonly usage: Usage
  readonly rule: Rule
  remaining: number
  resetMs = 0

  constructor(question: Question, sharing: Sharing, now: number) {
    const { counter, key } = question
    this.limit = counter.limit
    this.usage = counter.usageOf(key, now)
    this.rule = counter.ruleFor(sharing(question))
    this.remaining = this.usage.room(this.rule, now)
  }

  take(now: number): void {
    this.usage.take(this.rule, now)
    this.remaining--
  }

  /** Says how the limit stands; 0, or how long to wait for room. */
  settle(now: number): number {
    const waitMs = this.remaining > 0 ? 0 : this.usage.waitMs(this.rule, now)
    this.remaining = Math.max(0, this.remaining)
    this.resetMs = this.usage.resetMs(this.rule, now)
    return waitMs
  }
}

/** Decides by what this process has counted. */
export function decideHere(questions: readonly Question[], sharing: Sharing, now: number): Decision {
  const standings: Asked[] = []
  let allowed = true
  for (const question of questions) {
    const asked = new Asked(question, sharing, now)
    standings.push(asked)
    if (asked.remaining <= 0) allowed = false
  }
  let retryMs = 0
  for (const asked of standings) {
    if (allowed) asked.take(now)
    retryMs = Math.max(retryMs, asked.settle(now))
  }
  const release = allowed ? releaseOf(questions) : undefined
  return { allowed, retryMs: allowed ? 0 : retryMs, standings, ...(release === undefined ? {} : { release }) }
}

/** Counts a request here that another has let in. */
export function recordHere(questions: readonly Question[], now: number): void {
  for (const { counter, key } of questions) counter.usageOf(key, now).take(counter.ruleFor(1), now)
}

/** Gives back what is taken only for as long as a request is under way. */
export function releaseOf(questions: readonly Question[]): (() => void) | undefined {
  const held = questions.filter(({ counter }) => counter.limit.algorithm === 'concurrency')
  if (held.length === 0) return undefined
  return () => {
    for (const { counter, key } of held) counter.release(key)
  }
}
