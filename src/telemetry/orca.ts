import type { TelemetryVector } from '../model/telemetry.ts'

/** The response header of Open Request Cost Aggregation, in lower case. */
export const orcaHeader = 'endpoint-load-metrics'

/** A header is parsed on the path of requests: one that is longer says more than is read from it. */
const longestHeader = 4096

/**
 * Reads what a target says of itself in its answers: an OrcaLoadReport (xds.data.orca.v3) as `TEXT cpu_utilization=0.3,...` or
 * `JSON {...}`. The binary form is not read: over HTTP/1 servers write one of these two. CPU may be above 1 there, where a
 * target is past its own limit; here it is 1 then. Undefined where nothing of use is said.
 */
export function readOrca(header: string): TelemetryVector | undefined {
  if (header.length > longestHeader) return undefined
  const space = header.indexOf(' ')
  const report = space < 0 ? undefined : readReport(header.slice(0, space), header.slice(space + 1))
  if (report === undefined) return undefined
  const cpu =
    amount(report('cpu_utilization', 'cpuUtilization')) ?? amount(report('application_utilization', 'applicationUtilization'))
  const memory = amount(report('mem_utilization', 'memUtilization'))
  if (cpu === undefined && memory === undefined) return undefined
  return {
    ...(cpu === undefined ? {} : { cpu: Math.min(cpu, 1) }),
    ...(memory === undefined ? {} : { memory: Math.min(memory, 1) })
  }
}

/** The value of a metric by its name in protobuf, or in its JSON mapping. */
type Report = (name: string, jsonName: string) => unknown

function readReport(format: string, text: string): Report | undefined {
  switch (format.toUpperCase()) {
    case 'TEXT': {
      const metrics = readText(text)
      return name => metrics.get(name)
    }
    case 'JSON': {
      const metrics = readJson(text)
      return (name, jsonName) => metrics[name] ?? metrics[jsonName]
    }
    default:
      return undefined
  }
}

/** `name=value` or `name:value`, with commas between. */
function readText(text: string): ReadonlyMap<string, number> {
  const metrics = new Map<string, number>()
  for (const pair of text.split(',')) {
    const match = /^\s*([\w.]+)\s*[=:]\s*([\d.eE+-]+)\s*$/.exec(pair)
    if (match !== null) metrics.set(match[1] ?? '', Number(match[2]))
  }
  return metrics
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    // An object that is not null can be asked for any key, a list too.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
