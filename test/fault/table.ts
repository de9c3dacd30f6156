import { columns } from '../../src/load/columns.ts'
import type { Candidate } from './candidate.ts'
import type { Fault } from './fault.ts'
import { type Metrics, worst } from './measure.ts'
import { type Must, percent } from './must.ts'

/** What one candidate did in one row. */
export interface Result {
  readonly fault: Fault
  readonly candidate: Candidate
  /** At least one. */
  readonly runs: readonly Metrics[]
}

/** The conditions that one of the runs did not keep. */
export function broken({ fault, runs }: Result): Must[] {
  return fault.musts.filter(must => !runs.every(must.holds))
}

function verdict(result: Result): string {
  return broken(result).length === 0 ? 'ok' : 'FAIL'
}

function milliseconds(ms: number): string {
  return ms.toFixed(ms < 100 ? 1 : 0)
}

function cells(result: Result): string[] {
  const { fault, candidate, runs } = result
  const figures = worst(runs)
  return [
    fault.name,
    candidate.name,
    percent(figures.success),
    milliseconds(figures.p50),
    milliseconds(figures.p99),
    milliseconds(figures.p999),
    figures.amplification.toFixed(2),
    String(figures.duplicates),
    verdict(result),
    fault.musts.map(({ text }) => text).join(', ') + (fault.note ? ` (${fault.note(figures)})` : '')
  ]
}

const heads = ['fault', 'candidate', 'success', 'p50', 'p99', 'p99.9', 'attempts', 'twice', '', 'must'] as const

const legend = `success   requests that got the right answer, all of it
p50 ...   milliseconds from the moment when a request should have been sent; answers and given-up requests
attempts  requests that came to an upstream for each request of a client
twice     POSTs that had their effect more than once`

/** A fault is named in the first of its rows. */
function rowsOf(results: readonly Result[]): string[][] {
  return results.map((result, index) => {
    const [fault = '', ...rest] = cells(result)
    return [result.fault === results[index - 1]?.fault ? '' : fault, ...rest]
  })
}

/** Everything in one table, with what each column means below. */
export function table(results: readonly Result[]): string {
  const alignments = ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'left', 'left'] as const
  return `${columns([[...heads], ...rowsOf(results)], alignments)}\n\n${legend}`
}

/** The table as a page of documentation has it. */
export function markdown(results: readonly Result[]): string {
  const row = (each: readonly string[]): string => `| ${each.join(' | ')} |`
  const rule = heads.map((_, column) => (column >= 2 && column <= 7 ? '--:' : '---'))
  return `${[[...heads], rule, ...rowsOf(results)].map(row).join('\n')}\n`
}

/** The latencies of the same candidate without a fault: what the machine is to blame for. Empty where that row was not run. */
function machine(results: readonly Result[], candidate: Candidate): string {
  const calm = results.find(result => result.candidate === candidate && result.fault.name === 'none')
  if (calm === undefined) return ''
  const { p99, p999 } = worst(calm.runs)
  return `; without a fault p99 ${milliseconds(p99)} ms, p99.9 ${milliseconds(p999)} ms`
}

/** For each result that did not keep its conditions one line that says which, and why requests failed. */
export function explanations(results: readonly Result[]): string[] {
  return results.flatMap(result => {
    const unkept = broken(result)
    if (unkept.length === 0) return []
    const reasons = Object.entries(worst(result.runs).reasons)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 4)
      .map(([reason, count]) => `${count} x ${reason}`)
    const slow = unkept.some(({ text }) => text.startsWith('p99'))
    const why = reasons.length === 0 ? 'nothing failed' : `failed: ${reasons.join(', ')}`
    return [
      `${result.candidate.name}, ${result.fault.name}: not ${unkept.map(({ text }) => text).join(', not ')}; ${why}${slow ? machine(results, result.candidate) : ''}`
    ]
  })
}

/** One line for whoever watches a run. */
export function progress(result: Result): string {
  return columns([cells(result)], []).trimStart()
}
