import { isKnown } from './conditions.ts'
import type { Entry, StoredAnswer } from './entry.ts'
import { combined, type Fields, httpDate } from './fields.ts'

/** What a client that asks so gets of a stored answer: all of it, a part, or that it has it already. */
export function served(method: string, headers: Fields, entry: Entry, now: number): StoredAnswer {
  const age = String(Math.max(0, Math.floor((now - entry.bornAt) / 1000)))
  const fields: StoredAnswer['fields'] = { ...entry.fields, age }
  if (isKnown(headers, entry)) return { status: 304, fields: ofNothingNew(fields), body: undefined }
  const whole = entry.body.length
  const range = method === 'GET' && entry.status === 200 ? rangeOf(headers, entry) : undefined
  if (range === 'unsatisfiable')
    return { status: 416, fields: { age, 'content-range': `bytes */${whole}`, 'content-length': '0' }, body: undefined }
  if (range !== undefined) {
    const [first, last] = range
    fields['content-range'] = `bytes ${first}-${last}/${whole}`
    fields['content-length'] = String(last - first + 1)
    return { status: 206, fields, body: entry.body.subarray(first, last + 1) }
  }
  if (entry.status !== 204) fields['content-length'] = String(whole)
  return { status: entry.status, fields, body: method === 'HEAD' || whole === 0 ? undefined : entry.body }
}

/** RFC 9110 section 15.4.5: a 304 says nothing of the body. */
function ofNothingNew(fields: StoredAnswer['fields']): StoredAnswer['fields'] {
  const { 'content-type': _type, 'content-encoding': _coding, 'content-language': _language, ...rest } = fields
  return rest
}

type Part = readonly [first: number, last: number]

/** One range of bytes (RFC 9110 section 14); undefined where the whole is the answer, as for several ranges. */
function rangeOf(headers: Fields, entry: Entry): Part | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(combined(headers, 'range') ?? '')
  if (match === null || !isSame(combined(headers, 'if-range'), entry)) return undefined
  const [, from = '', to = ''] = match
  const whole = entry.body.length
  if (from === '') {
    if (to === '') return undefined
    const length = Math.min(Number(to), whole)
    return length === 0 ? 'unsatisfiable' : [whole - length, whole - 1]
  }
  const first = Number(from)
  if (to !== '' && Number(to) < first) return undefined
  if (first >= whole) return 'unsatisfiable'
  return [first, to === '' ? whole - 1 : Math.min(Number(to), whole - 1)]
}

/** Whether If-Range names what is stored (section 13.1.5), by a strong tag or by its date. */
function isSame(condition: string | undefined, { fields }: Entry): boolean {
  if (condition === undefined) return true
  if (condition.startsWith('"')) return condition === fields['etag']
  const date = httpDate(condition)
  return date !== undefined && date === httpDate(fields['last-modified'])
}
