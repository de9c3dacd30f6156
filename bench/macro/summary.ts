import type { RateResult } from './job.ts'
import type { RateSeries } from './rounds.ts'

/** The middle value, or the mean of the two middle ones; undefined for none. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** Answers in a second of the clock. */
export function aSecond(round: RateResult): number {
  return round.answers / round.seconds
}

/** Answers in a second of the candidate's CPU time: what it costs, however little of the core it was given. */
export function aCpuSecond(round: RateResult): number | undefined {
  return round.candidateCpuSeconds ? round.answers / round.candidateCpuSeconds : undefined
}

/** The medians of a series. Shares of a core are 0..1. What needs /proc is undefined without it. */
export type Summary = {
  readonly label: string
  readonly aSecond: number
  readonly aCpuSecond: number | undefined
  readonly mebibytesASecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuShare: number | undefined
  readonly loadCpuShare: number | undefined
  readonly failures: number
}

export function summarize({ label, rounds }: RateSeries): Summary {
  const middle = (of: (round: RateResult) => number | undefined): number | undefined =>
    median(rounds.map(of).filter(value => value !== undefined))
  return {
    label,
    aSecond: middle(aSecond) ?? 0,
    aCpuSecond: middle(aCpuSecond),
    mebibytesASecond: middle(round => round.receivedBytes / round.seconds / 2 ** 20) ?? 0,
    p50Ms: middle(round => round.p50Ms) ?? 0,
    p99Ms: middle(round => round.p99Ms) ?? 0,
    cpuShare: middle(round => round.candidateCpuSeconds && round.candidateCpuSeconds / round.seconds),
    loadCpuShare: middle(round => round.loadCpuSeconds && round.loadCpuSeconds / round.seconds),
    failures: rounds.reduce((sum, round) => sum + round.failures, 0)
  }
}

/**
 * How much of something one series does for each unit of another: the median over the rounds of the quotient within a round,
 * so that a disturbance that lasts for a round takes part in both. Undefined when either is missing.
 */
export function ratio(of: RateSeries, to: RateSeries, measure: (round: RateResult) => number | undefined): number | undefined {
  const quotients = of.rounds.map((round, index) => {
    const other = to.rounds[index]
    const [above, below] = [measure(round), other && measure(other)]
    return above !== undefined && below ? above / below : undefined
  })
  return median(quotients.filter(value => value !== undefined))
}
