import { columns } from './columns.ts'
import type { LoadResult } from './tally.ts'

/** What is said above the figures: the request and the load, each in a few words. */
export type LoadTitle = { readonly request: string; readonly load: string }

function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return `${ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : 2)} ms`
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((part * 100) / whole).toFixed(part === whole ? 0 : 2)} %`
}

const meanings = {
  refused: 'no connection',
  reset: 'the connection broke',
  timeout: 'took too long',
  other: 'failed otherwise'
} as const

function outcomes(result: LoadResult): string[][] {
  const rows: string[][] = []
  const statuses = Object.entries(result.statuses).toSorted(([a], [b]) => a.localeCompare(b))
  for (const [status, count] of statuses) rows.push([status, count.toLocaleString('en'), share(count, result.sent), ''])
  for (const [failure, meaning] of Object.entries(meanings)) {
    // The keys of `meanings` are the kinds of failure.
    const kind = failure as keyof typeof meanings
    const count = result.errors[kind]
    if (count === undefined) continue
    rows.push([failure, count.toLocaleString('en'), share(count, result.sent), `${meaning}: ${result.reasons[kind] ?? ''}`])
  }
  if (result.unfinished > 0) {
    rows.push(['unfinished', result.unfinished.toLocaleString('en'), share(result.unfinished, result.sent), 'interrupted'])
  }
  return rows
}

/** A load's report for a terminal, ending with a line end. */
export function loadReport({ request, load }: LoadTitle, result: LoadResult): string {
  const { latencyMs } = result
  const latency = [
    ['min', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'],
    [latencyMs.min, latencyMs.mean, latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.p999, latencyMs.max].map(milliseconds)
  ]
  const figures = [
    ['sent', result.sent.toLocaleString('en'), `in ${result.seconds.toFixed(2)} s`],
    ['answered', result.answered.toLocaleString('en'), `${result.achievedRate.toFixed(1)} a second`]
  ]
  const indent = (text: string): string => text.replace(/^/gm, '  ')
  const parts = [
    `${request}\n${load}`,
    indent(columns(figures, ['left', 'right', 'left'])),
    result.latencyMs.max > 0 ? `latency\n${indent(columns(latency, []))}` : 'latency\n  nothing was answered',
    `outcome\n${indent(columns(outcomes(result), ['left', 'right', 'right', 'left']))}`
  ]
  return `${parts.join('\n\n')}\n`
}
