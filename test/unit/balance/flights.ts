import type { Attempt } from '../../../src/model/attempt.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { Picker } from '../../../src/model/picker.ts'
import type { Target } from '../../../src/model/target.ts'
import { judge } from '../../../src/model/verdict.ts'
import type { Random } from '../../../src/time/random.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'

/** An attempt under way, and what its group's picker is told of it. */
export class Flight implements Attempt {
  readonly target: Target
  readonly startedAt: number
  readonly headers = {}
  answeredAt: number | undefined
  endedAt: number | undefined
  outcome: Outcome | undefined
  readonly #picker: Picker

  constructor(picker: Picker, target: Target, now: number) {
    this.#picker = picker
    this.target = target
    this.startedAt = now
    picker.observer?.started?.(this, now)
  }

  /** The answer has begun; it may go on for long. */
  answer(now: number, status = 200): this {
    this.answeredAt = now
    return this.#judge({ kind: 'response', status }, now)
  }

  /** It breaks, or is given up. */
  fail(now: number, outcome: Outcome = { kind: 'failure', reason: 'reset', sent: true }): this {
    this.answeredAt ??= now
    this.#judge(outcome, now)
    return this.end(now)
  }

  end(now: number): this {
    this.endedAt = now
    this.#picker.observer?.ended?.(this, now)
    return this
  }

  #judge(outcome: Outcome, now: number): this {
    this.outcome = outcome
    this.#picker.observer?.judged?.(this, judge(outcome), now)
    return this
  }
}

/** The target answers once, so that its time is known. */
export function measure(picker: Picker, target: Target, startedAt: number, latencyMs: number): void {
  new Flight(picker, target, startedAt).answer(startedAt + latencyMs).end(startedAt + latencyMs)
}

/** What a target does with a request that comes now: how long it takes, and the status it answers; 0 is a timeout. */
export type Behaviour = (target: Target, now: number) => { readonly ms: number; readonly status?: number }

export interface Play {
  readonly picker: Picker
  readonly targets: readonly Target[]
  readonly random: Random
  readonly everyMs: number
  readonly forMs: number
  readonly behave: Behaviour
}

/** Requests at a steady pace in virtual time, each tried once: what each target got, in the order of the targets. */
export function play({ picker, targets, random, everyMs, forMs, behave }: Play): number[] {
  const time = new VirtualScheduler()
  const counts = targets.map(() => 0)
  for (let at = 0; at < forMs; at += everyMs) {
    time.after(at, () => {
      const target = picker.pick(targets, { now: time.now(), random, retry: false })
      const flight = new Flight(picker, target, time.now())
      const { ms, status = 200 } = behave(target, time.now())
      counts[targets.indexOf(target)]!++
      time.after(ms, () => {
        if (status === 0) flight.fail(time.now(), { kind: 'failure', reason: 'timeout', sent: true })
        else flight.answer(time.now(), status).end(time.now())
      })
    })
  }
  time.advance(forMs + 60_000)
  return counts
}
