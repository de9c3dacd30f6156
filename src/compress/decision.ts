import type { CompressionRules, Encoding } from '../model/compression.ts'
import { negotiate } from './accept-encoding.ts'

export type Fields = Readonly<Record<string, number | string | readonly string[] | undefined>>

/** What of a request and its answer decides. Names of fields in lower case. */
export interface Answering {
  readonly method: string
  readonly httpVersion: string
  readonly asked: Fields
  readonly status: number
  readonly fields: Fields
  /** Bytes of the body; undefined where nobody knows before its end. */
  readonly length: number | undefined
}

/**
 * What becomes of an answer: a coding; `varies`: it stays as it is, and another client, or another answer like it, may be served
 * otherwise, which caches must know; `validated`: it speaks of one that may have been; `untouched`.
 */
export type Decision = Encoding | 'varies' | 'validated' | 'untouched'

/** These have no body, or a part of one, whose place is counted in bytes of the whole (RFC 9110 section 14.1.2). */
const bodiless = new Set([204, 205, 206])

/** Their values would no longer be those of what is sent (RFC 9530, RFC 3230): whoever says them means it. */
const digests = ['content-digest', 'repr-digest', 'digest', 'content-md5']

export function decide(rules: CompressionRules, { method, httpVersion, asked, status, fields, length }: Answering): Decision {
  if (status === 304) return 'validated'
  if (status < 200 || bodiless.has(status) || fields['content-range'] !== undefined) return 'untouched'
  // What it says of its coding is believed: compressed twice it could be read by nobody.
  if (hasCoding(fields['content-encoding']) || !rules.compresses(text(fields['content-type']))) return 'untouched'
  if (forbidsTransform(fields) || digests.some(name => fields[name] !== undefined)) return 'untouched'
  // HTTP/1.0 has no chunks: only its length tells whole answers from broken ones.
  if (method === 'HEAD' || httpVersion === '1.0' || forbidsTransform(asked)) return 'varies'
  if (length !== undefined && (length === 0 || length < rules.minBytes)) return 'varies'
  return (
    negotiate(asked['accept-encoding'] === undefined ? undefined : text(asked['accept-encoding']), rules.encodings) ?? 'varies'
  )
}

function hasCoding(contentEncoding: Fields[string]): boolean {
  return text(contentEncoding)
    .split(',')
    .some(coding => !['', 'identity'].includes(coding.trim().toLowerCase()))
}

const forbidsTransform = (fields: Fields) => /(?:^|[\s,])no-transform(?:$|[\s,])/i.test(text(fields['cache-control']))

/** The value of a field, several joined as RFC 9110 section 5.2 says. */
export const text = (value: Fields[string]) => (Array.isArray(value) ? value.join(', ') : String(value ?? ''))
