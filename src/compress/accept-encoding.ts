import type { Encoding } from '../model/compression.ts'

/**
 * The coding that a client likes best of those offered (RFC 9110 section 12.5.3), the first of them where it likes several as
 * much; undefined where it wants the answer as it is. Without the field it is sent as it is: who can read codings says so.
 */
export function negotiate(acceptEncoding: string | undefined, offered: readonly Encoding[]): Encoding | undefined {
  if (acceptEncoding === undefined || acceptEncoding === '') return undefined
  const weights = weightsOf(acceptEncoding)
  const others = weights.get('*')
  let best: Encoding | undefined
  let bestWeight = 0
  for (const encoding of offered) {
    const weight = weights.get(encoding) ?? others ?? 0
    if (weight <= bestWeight) continue
    best = encoding
    bestWeight = weight
  }
  // What is not said of identity says only that it may be sent.
  return (weights.get('identity') ?? 0) > bestWeight ? undefined : best
}

const qualified = /^(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/** Weights 0..1 by the names of codings, in lower case. What is malformed is not there; the first of two counts. */
function weightsOf(acceptEncoding: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const element of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = element.split(';').map(part => part.trim())
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) continue
    const weight = weightOf(parameters)
    // RFC 9110 section 8.4.1.3: x-gzip is gzip.
    const coding = name === 'x-gzip' ? 'gzip' : name
    if (weight !== undefined && !weights.has(coding)) weights.set(coding, weight)
  }
  return weights
}

function weightOf(parameters: readonly string[]): number | undefined {
  if (parameters.length === 0) return 1
  const [, value = ''] = /^q\s*=\s*(.*)$/.exec(parameters[0] ?? '') ?? []
  return parameters.length === 1 && qualified.test(value) ? Number(value) : undefined
}
