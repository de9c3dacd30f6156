import { METHODS } from 'node:http'

/** Every method that Node's parser knows but TRACE, which shows headers to scripts, and CONNECT, which is for forward proxies. */
export const everyMethod: readonly string[] = METHODS.filter(method => method !== 'TRACE' && method !== 'CONNECT')

const known: ReadonlySet<string> = new Set(everyMethod)

export const isServedMethod = (method: string): boolean => known.has(method)

const idempotent: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'PROPFIND',
  'REPORT',
  'SEARCH',
  'QUERY'
])

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'])

/** RFC 9110 section 9.2.1, and what the registry of methods lists as safe: sending them asks for nothing but an answer. */
export const isSafe = (method: string): boolean => safe.has(method)

/** RFC 9110 section 9.2.2, and the safe methods of WebDAV (RFC 4918, 3253, 5323) and QUERY. Sending them twice does no more than once. */
export const isIdempotent = (method: string): boolean => idempotent.has(method)
