import { type Directives, directivesOf, isWhole, namedFields, secondsOf } from './directives.ts'
import type { Entry } from './entry.ts'
import { combined, type Fields, membersOf } from './fields.ts'
import { type Exchanged, initialAgeMs, isHeuristic, lifetimeMs } from './freshness.ts'

/** Bounds of what is kept beside what answers say; milliseconds. */
export interface StaleRules {
  /** For how long an answer that has become stale may be used where the upstream fails, or says nothing else. */
  readonly staleIfErrorMs: number
  readonly staleWhileRevalidateMs: number
  /** The field that names the tags of an answer, in lower case. */
  readonly tags: string
}

/** What of a request decides whether its answer may be kept. */
export interface StoredFor {
  readonly headers: Fields
  /** Its route asks who sends it. */
  readonly authenticated: boolean
}

/** An answer that can be validated is kept for at least so long beyond its freshness. */
const validationMs = 3_600_000
/** Nothing is kept for longer. */
const longestMs = 365 * 24 * 3_600_000

/** Statuses that mean something to a cache beside those of `isHeuristic`; `must-understand` asks for that (section 5.2.2.3). */
const understood: ReadonlySet<number> = new Set([302, 303, 307, 401, 403, 406, 409, 415, 422, 500, 502, 503, 504])

/**
 * What these say is about one request: its fields, length or pace. Kept, one client's odd request would be everybody's answer,
 * whatever Cache-Control a service puts on all that it says; 428, 429, 431 and 511 must not be kept (RFC 6585).
 */
const aboutTheRequest: ReadonlySet<number> = new Set([400, 408, 411, 412, 413, 416, 417, 421, 426, 428, 429, 431, 505, 511])

/** Fields that the gateway writes itself, anew for each request: who varies by them has nothing to share. */
const everChanging: ReadonlySet<string> = new Set([
  '*',
  'x-request-id',
  'x-request-timeout-ms',
  'x-forwarded-for',
  'forwarded',
  'via',
  'traceparent',
  'tracestate',
  'x-real-ip'
])

/** The fields that select this answer among others (section 4.1), sorted; undefined where nothing selects it again. */
export function selectingFields(fields: Fields): readonly string[] | undefined {
  const names = membersOf(combined(fields, 'vary')).map(name => name.toLowerCase())
  if (names.some(name => everChanging.has(name) || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name))) return undefined
  return [...new Set(names)].sort()
}

/** Whether a shared cache may keep the answer to a GET (section 3). */
export function mayStore(status: number, fields: Fields, directives: Directives, { headers, authenticated }: StoredFor): boolean {
  if (status < 200 || status === 206 || status === 304 || status > 599 || aboutTheRequest.has(status)) return false
  const understands = isHeuristic(status) || understood.has(status)
  if (directives.has('must-understand') && !understands) return false
  if (directives.has('no-store') && !directives.has('must-understand')) return false
  if (isWhole(directives, 'private') || selectingFields(fields) === undefined) return false
  // What is for one client is told from what is for all by no other word: a cookie may be a session.
  if (fields['set-cookie'] !== undefined && !directives.has('public') && !directives.has('s-maxage')) return false
  if ((authenticated || headers['authorization'] !== undefined) && !isForOthers(directives)) return false
  const explicit = ['public', 'max-age', 's-maxage'].some(name => directives.has(name)) || fields['expires'] !== undefined
  return explicit || isHeuristic(status)
}

/** Section 3.5. */
const isForOthers = (directives: Directives) =>
  directives.has('public') || directives.has('s-maxage') || directives.has('must-revalidate')

/** Section 4.2.4: answers that must not be used once they are stale, whatever happens. */
export const mustRevalidate = (directives: Directives): boolean =>
  directives.has('must-revalidate') || directives.has('proxy-revalidate') || directives.has('s-maxage')

/** For how long a stale answer may be used by one of the rules of RFC 5861, in milliseconds. */
export function staleMs(directives: Directives, name: 'stale-if-error' | 'stale-while-revalidate', otherwiseMs: number): number {
  if (mustRevalidate(directives) || isWhole(directives, 'no-cache')) return 0
  const seconds = secondsOf(directives, name)
  return seconds === undefined ? otherwiseMs : seconds * 1000
}

/** An answer as it is kept; undefined where it would never be used. */
export function entryOf(
  status: number,
  fields: Fields,
  body: Buffer,
  exchanged: Exchanged,
  rules: StaleRules
): Entry | undefined {
  const directives = directivesOf(fields)
  const { cameAt } = exchanged
  const fresh = lifetimeMs(status, fields, directives, cameAt)
  const canBeValidated = fields['etag'] !== undefined || fields['last-modified'] !== undefined
  if (fresh === undefined && !(directives.has('no-cache') && canBeValidated)) return undefined
  const bornAt = cameAt - initialAgeMs(fields, exchanged)
  const staleAt = bornAt + (fresh ?? 0)
  const beyond = Math.max(
    canBeValidated ? Math.max(fresh ?? 0, validationMs) : 0,
    staleMs(directives, 'stale-if-error', rules.staleIfErrorMs),
    staleMs(directives, 'stale-while-revalidate', rules.staleWhileRevalidateMs)
  )
  const deleteAt = Math.min(Math.max(staleAt, canBeValidated ? cameAt : 0) + beyond, cameAt + longestMs)
  if (deleteAt <= cameAt) return undefined
  const tags = (combined(fields, rules.tags) ?? '').split(/[\s,]+/).filter(tag => tag !== '')
  return {
    status,
    fields: keptFields(fields, directives, rules, cameAt),
    body,
    bornAt,
    staleAt,
    deleteAt,
    storedAt: exchanged.askedAt,
    tags
  }
}

/** Fields that go with a connection were removed before (section 3.1). Age is told anew. */
function keptFields(fields: Fields, directives: Directives, { tags }: StaleRules, cameAt: number): Entry['fields'] {
  const dropped = new Set(['age', 'content-length', 'trailer', 'proxy-authentication-info', tags, ...namedFields(directives)])
  const kept: Record<string, string | string[]> = {}
  for (const name in fields) {
    const value = fields[name]
    if (value !== undefined && !dropped.has(name)) kept[name] = value
  }
  kept['date'] ??= new Date(cameAt).toUTCString()
  return kept
}
