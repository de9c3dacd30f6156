import { METHODS } from 'node:http'

/** What Node's parser knows, without the two that a gateway must not pass on. */
export const methods: readonly string[] = METHODS.filter(method => method !== 'TRACE' && method !== 'CONNECT')

/** Headers that belong to one connection or frame the body; the gateway alone decides them (RFC 9110 section 7.6.1). */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade'
])

/** RFC 9110 section 5.6.2: a token. */
export const headerNamePattern = "^[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$"

const headerName = new RegExp(headerNamePattern)

/** In lower case; undefined when it is no name of a header. */
export function readHeaderName(value: string): string | undefined {
  return headerName.test(value) ? value.toLowerCase() : undefined
}

/** The name of a header that a route may change. */
export function readChangedHeader(value: string): { readonly value: string } | { readonly wrong: string } | undefined {
  const name = readHeaderName(value)
  if (name === undefined) return undefined
  if (connectionHeaders.has(name)) return { wrong: `${name} belongs to the connection; accepted: any other header` }
  return { value: name }
}

/** RFC 9110 section 5.5: visible characters, spaces and tabs; no line ends. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
}

/** The path as requests are compared with it, or what is wrong with it. A trailing slash is dropped. */
export function readPrefix(value: string): { readonly value: string } | { readonly wrong: string } {
  const path = readPath(value)
  if ('wrong' in path) return path
  if (value.includes('*')) return { wrong: 'has a *; a prefix matches everything below it' }
  return { value: path.value.length > 1 ? path.value.replace(/\/$/, '') : path.value }
}

/** A path without query, fragment and dot segments, unreserved characters unescaped; or what is wrong with it. */
export function readPath(value: string): { readonly value: string } | { readonly wrong: string } {
  if (!value.startsWith('/')) return { wrong: 'does not begin with /' }
  if (value.includes('?')) return { wrong: 'has a query' }
  if (value.includes('#')) return { wrong: 'has a fragment' }
  if (/[\s\x00-\x20\x7f\\]/.test(value)) return { wrong: 'has a space, a backslash or a control character' }
  if (/%(?![0-9a-fA-F]{2})/.test(value)) return { wrong: 'has a % that begins no escape' }
  const path = value.replace(/%[0-9a-fA-F]{2}/g, unescapeUnreserved)
  if (/(^|\/)\.\.?(\/|$)/.test(path)) return { wrong: 'has a dot segment' }
  return { value: path }
}

/** RFC 3986 section 6.2.2: escapes of unreserved characters are the characters themselves, the others are in upper case. */
function unescapeUnreserved(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  return /[A-Za-z0-9\-._~]/.test(character) ? character : escaped.toUpperCase()
}
