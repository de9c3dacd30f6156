import type { Entry } from './entry.ts'
import { combined, type Fields, httpDate, membersOf } from './fields.ts'

/** The fields that make a request conditional, or ask for a part (RFC 9110 sections 13.1 and 14.2). */
export const preconditions = ['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since', 'if-range'] as const

/** Whether a stored answer of 200 is what the client has already: then 304 tells it so (RFC 9111 section 4.3.2). */
export function isKnown(headers: Fields, { status, fields, storedAt }: Pick<Entry, 'status' | 'fields' | 'storedAt'>): boolean {
  if (status !== 200) return false
  const tags = combined(headers, 'if-none-match')
  if (tags !== undefined) {
    const own = combined(fields, 'etag')
    return tags.trim() === '*' || (own !== undefined && membersOf(tags).some(tag => weak(tag) === weak(own)))
  }
  const since = httpDate(headers['if-modified-since'])
  if (since === undefined) return false
  return (httpDate(fields['last-modified']) ?? httpDate(fields['date']) ?? storedAt) <= since
}

/** The comparison in which W/"a" and "a" are the same (RFC 9110 section 8.8.3.2). */
const weak = (tag: string) => tag.replace(/^W\//, '')

/** The fields with which a stored answer is validated in place of the client's own conditions; undefined: it has no validator. */
export function validating(headers: Fields, { fields }: Entry): Fields | undefined {
  const etag = combined(fields, 'etag')
  const modified = combined(fields, 'last-modified')
  if (etag === undefined && modified === undefined) return undefined
  return {
    ...withoutConditions(headers),
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(modified === undefined ? {} : { 'if-modified-since': modified })
  }
}

/** The same request for the whole answer, whatever the client has of it. */
export function withoutConditions(headers: Fields): Fields {
  const others = { ...headers }
  for (const name of preconditions) delete others[name]
  delete others['range']
  return others
}

/** Fields of a stored answer that a 304 does not change, since they belong to the body that is stored (section 3.2). */
const ofBody: ReadonlySet<string> = new Set([
  'etag',
  'content-length',
  'content-encoding',
  'content-md5',
  'content-range',
  'transfer-encoding'
])

/** The fields of a stored answer after a 304 with these. */
export function updated(answered: Fields, { fields }: Entry): Record<string, string | string[]> {
  const result = { ...fields }
  for (const name in answered) {
    const value = answered[name]
    if (value !== undefined && !ofBody.has(name)) result[name] = value
  }
  return result
}
