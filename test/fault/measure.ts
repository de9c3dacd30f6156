import { Histogram } from '../../src/load/histogram.ts'
import type { Seen } from './fleet.ts'
import type { Sent } from './load.ts'

/** A client's patience for an answer that counts as work done under overload. */
const usefulMs = 1000

/** What of a run is judged. Instants as in `Sent`. */
export interface Window {
  readonly from: number
  readonly until: number
  /** Requests that end after `from`, those under way included, or only those that are meant to start after it. */
  readonly by: 'end' | 'start'
}

/** What a run came to. Shares are 0..1, times milliseconds from the intended start. */
export interface Metrics {
  readonly requests: number
  readonly success: number
  readonly failed: number
  readonly failedGets: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** Requests that came to an upstream for each request of a client: in the window, and over the whole run. */
  readonly amplification: number
  readonly amplificationOverall: number
  /** POSTs that had their effect more than once, over the whole run. */
  readonly duplicates: number
  /** Good answers a second that came in time. */
  readonly goodput: number
  /** The share of requests of critical priority that were answered well. */
  readonly critical: number
  /** How many failed for which reason. */
  readonly reasons: Readonly<Record<string, number>>
}

function amplification(sent: readonly Sent[], { arrivals }: Seen): number {
  let came = 0
  for (const { id } of sent) came += arrivals.get(id) ?? 0
  return sent.length === 0 ? 0 : came / sent.length
}

function shareGood(sent: readonly Sent[]): number {
  return sent.length === 0 ? 0 : sent.filter(({ wrong }) => wrong === undefined).length / sent.length
}

function countReasons(failed: readonly Sent[]): Record<string, number> {
  const reasons: Record<string, number> = {}
  for (const { method, wrong } of failed) {
    const reason = `${method} ${wrong}`
    reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  return reasons
}

/** Joins what the clients saw with what the upstreams saw. */
export function measure(sent: readonly Sent[], seen: Seen, { from, until, by }: Window): Metrics {
  const judged = sent.filter(({ intendedAt, endedAt }) => (by === 'end' ? endedAt : intendedAt) >= from)
  const failed = judged.filter(({ wrong }) => wrong !== undefined)
  const latency = new Histogram()
  for (const { waited, intendedAt, endedAt } of judged) if (waited) latency.record(endedAt - intendedAt)
  const useful = judged.filter(
    ({ wrong, intendedAt, endedAt }) => wrong === undefined && endedAt <= until && endedAt - intendedAt <= usefulMs
  )
  return {
    requests: judged.length,
    success: shareGood(judged),
    failed: failed.length,
    failedGets: failed.filter(({ method }) => method === 'GET').length,
    p50: latency.percentileMs(0.5),
    p99: latency.percentileMs(0.99),
    p999: latency.percentileMs(0.999),
    amplification: amplification(judged, seen),
    amplificationOverall: amplification(sent, seen),
    duplicates: [...seen.effects.values()].filter(times => times > 1).length,
    goodput: (useful.length * 1000) / (until - from),
    critical: shareGood(judged.filter(({ priority }) => priority === 'critical')),
    reasons: countReasons(failed)
  }
}

const lowerIsWorse = ['success', 'goodput', 'critical'] as const
const higherIsWorse = [
  'failed',
  'failedGets',
  'p50',
  'p99',
  'p999',
  'amplification',
  'amplificationOverall',
  'duplicates'
] as const

/** The worst of each figure over several runs, at least one; requests and reasons are summed. */
export function worst(runs: readonly Metrics[]): Metrics {
  const figures: Record<string, number> = {}
  for (const key of lowerIsWorse) figures[key] = Math.min(...runs.map(run => run[key]))
  for (const key of higherIsWorse) figures[key] = Math.max(...runs.map(run => run[key]))
  const reasons: Record<string, number> = {}
  for (const run of runs)
    for (const [reason, count] of Object.entries(run.reasons)) reasons[reason] = (reasons[reason] ?? 0) + count
  const requests = runs.reduce((sum, run) => sum + run.requests, 0)
  // The two lists above name every figure but these.
  return { ...(figures as unknown as Metrics), requests, reasons }
}
