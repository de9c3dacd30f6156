import { firstQueryValue } from './query.ts'

/** What of a request a key is read from. */
export interface KeyedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Without the question mark. */
  readonly search: string
  readonly path?: string
  readonly ip: string
}

/** Reads the text by which requests belong together; undefined where the request has none. */
export type RequestKey = (request: KeyedRequest) => string | undefined

/** `ip`, `path`, `header:NAME`, `cookie:NAME`, `query:NAME`; undefined for anything else. */
export function requestKey(by: string): RequestKey | undefined {
  if (by === 'ip') return request => request.ip
  if (by === 'path') return request => request.path
  const colon = by.indexOf(':')
  const name = by.slice(colon + 1)
  if (name === '') return undefined
  switch (by.slice(0, Math.max(colon, 0))) {
    case 'header':
      return request => textOf(request.headers[name.toLowerCase()])
    case 'cookie':
      return request => cookieValue(textOf(request.headers['cookie']) ?? '', name)
    case 'query':
      return request => firstQueryValue(request.search, name)
    default:
      return undefined
  }
}

const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(', ') : value)

function cookieValue(cookies: string, name: string): string | undefined {
  for (const pair of cookies.split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}

/** A key's place in [0, 1), the same on every gateway: 32-bit FNV-1a, then the finaliser of MurmurHash3. */
export function placeOfKey(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}
