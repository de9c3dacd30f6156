import type { TelemetryVector } from '../../model/telemetry.ts'

/**
 * What a health answer in JSON says of the target: `cpu` and `memory` (0..1), `latency` (milliseconds), `inFlight`. What is no
 * such number is left out; undefined where nothing is left, or the text is no JSON object.
 */
export function readVector(text: string): TelemetryVector | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  const said = parse(text)
  const vector = {
    ...field('cpu', said['cpu'], 1),
    ...field('memory', said['memory'], 1),
    ...field('latency', said['latency']),
    ...field('inFlight', said['inFlight'])
  }
  return Object.keys(vector).length === 0 ? undefined : vector
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    // Begins with a brace, so that it is an object where it is JSON at all.
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** A share above 1 is a percentage, or worse: nobody can say, so it is not taken. */
function field(
  name: keyof TelemetryVector,
  value: unknown,
  most = Number.MAX_VALUE
): Partial<Record<keyof TelemetryVector, number>> {
  return typeof value === 'number' && value >= 0 && value <= most ? { [name]: value } : {}
}
