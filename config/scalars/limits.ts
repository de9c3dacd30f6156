import type { FileText } from './files.ts'
import { readHeaderName } from './http.ts'
import { readSecret } from './secrets.ts'

/** What requests are counted by; names of headers in lower case. Undefined for anything else. */
export function readLimitKey(value: string): string | undefined {
  if (value === 'ip' || value === 'route' || value === 'consumer') return value
  const [, kind, name = ''] = /^(claim|header|plugin):(\S+)$/.exec(value) ?? []
  if (kind === undefined) return undefined
  if (kind !== 'header') return value
  const header = readHeaderName(name)
  return header === undefined ? undefined : `header:${header}`
}

/** A URL of a Redis server, given as such or as a secret. It may hold a password: what was read is never shown. */
export function readRedis(
  value: unknown,
  file: (path: string) => FileText
): { readonly value: string } | { readonly wrong: string } | undefined {
  const read = readSecret(value, file)
  if (read === undefined || 'wrong' in read) return read
  const url = URL.parse(read.value)
  if (url === null || !/^rediss?:\/\//.test(read.value) || url.hostname === '') return undefined
  const accepted = 'accepted: redis://user:password@host:port/database'
  if (url.search !== '' || url.hash !== '') return { wrong: `the URL has a query or a fragment; ${accepted}` }
  if (!/^\/?\d*$/.test(url.pathname)) return { wrong: `the database of the URL is no number; ${accepted}` }
  return read
}
