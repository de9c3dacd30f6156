import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import type { EjectionView } from '../model/ejection-view.ts'
import type { Gate } from '../model/gate.ts'
import type { IsUsable } from '../model/standing.ts'
import { PerTarget, type Target } from '../model/target.ts'
import { judge, type Verdict } from '../model/verdict.ts'
import type { Random } from '../time/random.ts'
import { type Conduct, findOutliers } from './detection.ts'
import { Sample } from './sample.ts'

/** Times in milliseconds. */
export interface EjectorOptions {
  /** Failures in a row that eject a target at once. */
  readonly consecutive: number
  /** The first ejection's length; each further one is longer by as much. */
  readonly ejectMs: number
  readonly maxEjectMs: number
  /** The most of a group's targets that may be out, 0..1: rounded down, at least one. */
  readonly maxShare: number
}

/** Told when a target goes out, and when it is back. */
export interface EjectionWatcher {
  ejected?(target: Target, why: string): void
  returned?(target: Target, now: number): void
}

interface Standing {
  /** Without an answer between them that came to its end. */
  failuresInARow: number
  /** Attempts that others overtook, without an answer between them, and when the first of them began. */
  overtakenInARow: number
  overtakenSince: number
  /** None of these failures was an answer. */
  unanswered: boolean
  readonly sample: Sample
  /** How often it was ejected lately; goes down by one for each `ejectMs` that it behaves. */
  times: number
  until: number
  calmSince: number
  why: string
  /** It was out of reach: a check that passes says otherwise. */
  outright: boolean
}

/** How much of the past is compared, and how often. */
const windowMs = 10_000
const compareEveryMs = 500

/** So long a target that is overtaken every time stays in. */
const overtakenMs = 500

/**
 * Takes a target out for a while that does worse than its group: failures in a row at once, and by comparison with the others
 * failure rate and answer times. Ejections grow, end by themselves or when an active check passes, and never take the last
 * usable target or more than `maxShare`.
 */
export class Ejector implements Gate, AttemptObserver, EjectionView {
  readonly name = 'ejection'
  readonly ignoredInPanic = true
  readonly #targets: readonly Target[]
  readonly #options: EjectorOptions
  readonly #random: Random
  readonly #isUsable: IsUsable
  readonly #watcher: EjectionWatcher
  readonly #standings = new PerTarget<Standing>(() => ({
    failuresInARow: 0,
    overtakenInARow: 0,
    overtakenSince: 0,
    unanswered: false,
    sample: new Sample(windowMs),
    times: 0,
    until: 0,
    calmSince: 0,
    why: '',
    outright: false
  }))
  readonly #ejected = new Set<Target>()
  #comparedAt = 0

  /** `isUsable` says whether the other gates, and this one, admit a target. */
  constructor(
    targets: readonly Target[],
    options: EjectorOptions,
    random: Random,
    isUsable: IsUsable,
    watcher: EjectionWatcher = {}
  ) {
    this.#watcher = watcher
    this.#targets = targets
    this.#options = options
    this.#random = random
    this.#isUsable = isUsable
  }

  get quiet(): boolean {
    return this.#ejected.size === 0
  }

  refusal(target: Target, now: number): string | undefined {
    if (!this.#ejected.has(target)) return undefined
    const standing = this.#standings.of(target)
    if (now < standing.until) return standing.why
    this.#return(target, now)
    return undefined
  }

  admitsAt(target: Target): number | undefined {
    return this.ejectedUntil(target)
  }

  /** When the ejection ends; undefined for a target that is not out. */
  ejectedUntil(target: Target): number | undefined {
    return this.#ejected.has(target) ? this.#standings.of(target).until : undefined
  }

  judged({ target, startedAt, answeredAt = startedAt, outcome }: Attempt, verdict: Verdict, now: number): void {
    const standing = this.#standings.of(target)
    // One that was given up says nothing but that it took at least so long: a lost hedge, often.
    standing.sample.addLatency((outcome?.kind === 'response' ? answeredAt : now) - startedAt, now)
    if (outcome?.kind === 'aborted' && outcome.overtaken === true) this.#overtaken(target, startedAt, now)
    if (outcome?.kind === 'response') standing.overtakenInARow = 0
    if (verdict !== 'ignored') standing.sample.add(verdict === 'failure', now)
    if (verdict === 'failure') this.#failed(target, outcome?.kind === 'failure', now)
    if (now - this.#comparedAt >= compareEveryMs) this.#compare(now)
  }

  /** An answer that breaks off was good by its head: one that came to its end ends the row of failures. */
  ended({ target, outcome }: Attempt): void {
    if (outcome !== undefined && judge(outcome) === 'success') this.#standings.of(target).failuresInARow = 0
  }

  #failed(target: Target, unanswered: boolean, now: number): void {
    const standing = this.#standings.of(target)
    standing.unanswered = unanswered && (standing.failuresInARow === 0 || standing.unanswered)
    standing.failuresInARow++
    if (standing.failuresInARow >= this.#options.consecutive)
      this.#eject(target, `ejected after ${standing.failuresInARow} failures in a row`, standing.unanswered, now)
  }

  /** A target that pauses for a moment is overtaken many times at once: the row has to last. */
  #overtaken(target: Target, startedAt: number, now: number): void {
    const standing = this.#standings.of(target)
    standing.sample.addOvertaken(now)
    if (standing.overtakenInARow === 0) standing.overtakenSince = startedAt
    standing.overtakenInARow++
    if (standing.overtakenInARow >= this.#options.consecutive && now - standing.overtakenSince >= overtakenMs)
      this.#eject(target, `ejected: others overtook ${standing.overtakenInARow} attempts in a row`, false, now)
  }

  /** By an operator's word it is back at once. */
  readmit(target: Target, now: number): void {
    this.#standings.of(target).failuresInARow = 0
    if (this.#ejected.has(target)) this.#return(target, now)
  }

  /**
   * An active check has passed: a target that was out of reach is back at once. One that answers, but with errors or worse than
   * the others, comes back in its own time, since the check evidently does not see what is wrong with it.
   */
  passedCheck(target: Target, now: number): void {
    if (this.#standings.of(target).outright) this.readmit(target, now)
  }

  /** By an operator's word, for the length that its turn has; false when that would take the last usable target. */
  ejectByHand(target: Target, who: string, now: number): boolean {
    return this.#eject(target, `ejected by ${who}`, false, now)
  }

  #return(target: Target, now: number): void {
    this.#ejected.delete(target)
    this.#standings.of(target).calmSince = now
    this.#watcher.returned?.(target, now)
  }

  #compare(now: number): void {
    this.#comparedAt = now
    const conduct = this.#targets.map((target): Conduct => {
      const { sample } = this.#standings.of(target)
      const [attempts, failures, overtaken] = [sample.attempts(now), sample.failures(now), sample.overtaken(now)]
      return { target, attempts, failures, overtaken, latencies: sample.latencies(now) }
    })
    for (const { target, why } of findOutliers(conduct)) this.#eject(target, `ejected: ${why}`, false, now)
  }

  #eject(target: Target, why: string, outright: boolean, now: number): boolean {
    if (this.refusal(target, now) !== undefined) return true
    const most = Math.max(1, Math.floor(this.#options.maxShare * this.#targets.length))
    const out = [...this.#ejected].filter(each => this.refusal(each, now) !== undefined).length
    const another = this.#targets.some(each => each !== target && this.#isUsable(each, now))
    if (out >= most || !another) return false
    const standing = this.#standings.of(target)
    const calm = Math.floor((now - standing.calmSince) / this.#options.ejectMs)
    standing.times = Math.max(0, standing.times - calm) + 1
    const lengthMs = Math.min(this.#options.ejectMs * standing.times, Math.max(this.#options.maxEjectMs, this.#options.ejectMs))
    // Gateways that saw the same must not bring it back in the same moment.
    standing.until = now + lengthMs * (0.9 + 0.2 * this.#random())
    standing.why = why
    standing.outright = outright
    standing.failuresInARow = 0
    standing.overtakenInARow = 0
    standing.sample.clear()
    this.#ejected.add(target)
    this.#watcher.ejected?.(target, why)
    return true
  }
}
