import { columns } from '../../src/load/columns.ts'
import type { MemoryLine } from './memory.ts'
import type { RateSeries } from './rounds.ts'
import type { RateScenario, StreamScenario } from './scenarios.ts'
import { aCpuSecond, aSecond, ratio, type Summary, summarize } from './summary.ts'

const MIB = 2 ** 20

/** Below this the candidate was not what limited the rate, and only what it did in a CPU second is its own figure. */
const SATURATED_SHARE = 0.9

function whole(value: number | undefined): string {
  return value === undefined ? '-' : Math.round(value).toLocaleString('en')
}

function fixed(value: number | undefined, digits: number, unit = ''): string {
  return value === undefined ? '-' : value.toFixed(digits) + unit
}

function percent(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value * 100)} %`
}

function notes(summaries: readonly Summary[]): string[] {
  const lines = summaries
    .filter(({ failures }) => failures > 0)
    .map(({ label, failures }) => `  ${label}: ${failures} requests failed`)
  const idle = summaries.filter(({ cpuShare = 1 }) => cpuShare < SATURATED_SHARE)
  if (idle.length === 0) return lines
  const loadShare = Math.max(...summaries.map(({ loadCpuShare = 0 }) => loadCpuShare))
  const limit = loadShare < SATURATED_SHARE ? 'other processes had their core' : 'the load could not keep them busy'
  lines.push(`  below ${percent(SATURATED_SHARE)} of a core, compare req/CPU-s: ${idle.map(({ label }) => label).join(', ')}`)
  lines.push(`  (load and upstream used up to ${percent(loadShare)} of theirs: ${limit})`)
  return lines
}

/**
 * The table of a rate scenario. Its last columns say how much a line does for each unit of the line it is compared with:
 * by the clock, and by CPU time.
 */
export function rateTable(scenario: RateScenario, all: readonly RateSeries[]): string {
  const against = scenario.against.map(label => all.find(series => series.label === label)).filter(series => series !== undefined)
  const head = ['', 'req/s', 'MiB/s', 'p50 ms', 'p99 ms', 'CPU', 'req/CPU-s', ...against.map(({ label }) => `x ${label}`)]
  const body = all.map(series => {
    const line = summarize(series)
    const quotients = against.map(base => {
      const quotient = [ratio(series, base, aSecond), ratio(series, base, aCpuSecond)]
      return quotient.map(value => fixed(value, 2)).join(' / ')
    })
    return [
      line.label,
      whole(line.aSecond),
      whole(line.mebibytesASecond),
      fixed(line.p50Ms, 2),
      fixed(line.p99Ms, 2),
      percent(line.cpuShare),
      whole(line.aCpuSecond),
      ...quotients
    ]
  })
  const title = `\n${scenario.name} (${scenario.connections} connections; ratios are req/s / req/CPU-s)`
  return [title, columns([head, ...body], ['left']), ...notes(all.map(summarize))].join('\n')
}

/** The table of a stream scenario: how far resident memory rose above its value after a warm-up. */
export function memoryTable(scenario: StreamScenario, lines: readonly MemoryLine[]): string {
  const head = ['', 'before MiB', 'most MiB', 'growth MiB', 'MiB/s', '']
  const body = lines.map(({ label, result }) => {
    const { beforeBytes, mostBytes, seconds, complete } = result
    const growth = beforeBytes === undefined || mostBytes === undefined ? undefined : mostBytes - beforeBytes
    const mib = (bytes: number | undefined): string => fixed(bytes === undefined ? undefined : bytes / MIB, 1)
    const pace = complete ? whole(scenario.mebibytes / seconds) : '-'
    return [label, mib(beforeBytes), mib(mostBytes), mib(growth), pace, complete ? '' : 'did not complete']
  })
  return [`\n${scenario.name} (one stream)`, columns([head, ...body], ['left'])].join('\n')
}
