import { createHash } from 'node:crypto'
import type { Scheduler } from '../time/scheduler.ts'
import { decideHere, recordHere, releaseOf, type Sharing } from './local-store.ts'
import type { RedisLink } from './redis-link.ts'
import { leaseMs } from './redis-scripts.ts'
import type { Decision, Question, Standing, Store } from './store.ts'
import { UnderWay } from './under-way.ts'

/**
 * Counts at a server that several gateways share; one round trip for all limits of a request. What passes is counted here as well.
 *
 * While the server is lost, each gateway goes on with what it has counted itself, at limit / gateways. When it is back, requests
 * must pass both for one window more: the server may have lost its counts, and does not know of what passed meanwhile.
 */
export class RedisStore implements Store {
  readonly #link: RedisLink
  readonly #scheduler: Scheduler
  readonly #underWay: UnderWay
  /** Whether something was decided without the server, which may not have been there yet. */
  #wentAlone = false
  #backAt = Number.NEGATIVE_INFINITY

  constructor(link: RedisLink, name: string, scheduler: Scheduler) {
    this.#link = link
    this.#scheduler = scheduler
    this.#underWay = new UnderWay(link, name, scheduler)
    link.onAnnounced = isBack => this.#announced(isBack)
  }

  decide(questions: readonly Question[], settle: (decision: Decision) => void): void {
    const now = this.#scheduler.now()
    const name = this.#underWay.nameFor(questions)
    if (!this.#link.isUp) {
      settle(this.#alone(questions, name))
      return
    }
    const cautious = questions.some(question => this.#isWary(question, now))
    const here = cautious ? decideHere(questions, this.#sharingAt(now), now) : undefined
    if (here?.allowed === false) {
      settle(here)
      return
    }
    const keys = questions.map(sharedKey)
    this.#link.ask(
      client => client.evergateDecide(keys.length, ...keys, ...questions.flatMap(question => wordsOf(question, name))),
      answer => settle(this.#settled(questions, keys, name, here, answer)),
      answer => this.#underWay.late(keys, name, isAllowed(answer))
    )
  }

  async close(): Promise<void> {
    await this.#link.close()
  }

  #settled(
    questions: readonly Question[],
    keys: readonly string[],
    name: string,
    here: Decision | undefined,
    answer: unknown
  ): Decision {
    if (answer === undefined) return this.#alone(questions, name, here)
    const decision = decisionOf(questions, answer, here)
    if (!decision.allowed) {
      here?.release?.()
      return decision
    }
    if (here === undefined) recordHere(questions, this.#scheduler.now())
    const release = releaseOf(questions)
    return this.#held(release === undefined ? decision : { ...decision, release }, questions, keys, name)
  }

  /** `here`: it has been decided already. */
  #alone(questions: readonly Question[], name: string, here?: Decision): Decision {
    this.#wentAlone = true
    const decision = here ?? decideHere(questions, () => this.#link.gateways, this.#scheduler.now())
    return decision.release === undefined ? decision : this.#held(decision, questions, questions.map(sharedKey), name)
  }

  /** Has the server told when a request that it counts as under way is over. */
  #held(decision: Decision, questions: readonly Question[], keys: readonly string[], name: string): Decision {
    const { release } = decision
    if (release === undefined) return decision
    const end = this.#underWay.begin(
      keys.filter((_, index) => questions[index]?.counter.limit.algorithm === 'concurrency'),
      name
    )
    return {
      ...decision,
      release: () => {
        release()
        end()
      }
    }
  }

  #announced(isBack: boolean): void {
    if (isBack || this.#wentAlone) {
      this.#wentAlone = false
      this.#backAt = this.#scheduler.now()
      this.#underWay.renew(0)
    }
    this.#underWay.renew(leaseMs / 3)
  }

  /** Whether something that the server does not know of may still count. */
  #isWary({ counter: { limit } }: Question, now: number): boolean {
    return now < this.#backAt + (limit.algorithm === 'concurrency' ? leaseMs : limit.windowMs)
  }

  #sharingAt(now: number): Sharing {
    return question => (this.#isWary(question, now) ? this.#link.gateways : 1)
  }
}

/** What a client says, or is, does not stand in the server in clear. */
function sharedKey({ counter, key }: Question): string {
  return counter.id + createHash('sha256').update(key).digest('base64url').slice(0, 22)
}

const wordsOf = ({ counter: { limit } }: Question, name: string) => [limit.algorithm, limit.limit, limit.windowMs, name]

const isAllowed = (answer: unknown) => Array.isArray(answer) && Number(answer[0]) === 1

/** Reads an answer of the script; where it was decided here as well, less is left. */
function decisionOf(questions: readonly Question[], answer: unknown, here: Decision | undefined): Decision {
  const numbers = Array.isArray(answer) ? answer.map(Number) : []
  const allowed = numbers[0] === 1
  let retryMs = 0
  const standings = questions.map(({ counter: { limit } }, index): Standing => {
    const [room = 0, waitMs = 0, resetMs = 0] = numbers.slice(3 * index + 1)
    if (room < 1) retryMs = Math.max(retryMs, waitMs)
    const remaining = Math.max(0, allowed ? room - 1 : room)
    return { limit, remaining: Math.min(remaining, here?.standings[index]?.remaining ?? remaining), resetMs }
  })
  return { allowed, retryMs: allowed ? 0 : retryMs, standings }
}
