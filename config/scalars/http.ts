import { canonicalPath, isWellFormed, otherReadings } from '../../src/routing/path.ts'

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

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"

/** RFC 9110 section 8.3.1, without parameters; `*` is a character of tokens. */
export const mediaTypePattern = `^${token}/${token}$`

const mediaType = new RegExp(mediaTypePattern)

/** In lower case. Streams of events and gRPC are never compressed. */
export function readMediaType(value: string): { readonly value: string } | { readonly wrong: string } {
  const type = value.toLowerCase()
  if (!mediaType.test(type)) return { wrong: 'is no type of an answer' }
  if (/^(?:text\/event-stream|application\/grpc(?:[+-].*)?)$/.test(type)) return { wrong: 'is never compressed' }
  return { value: type }
}

type PathRead = { readonly value: string } | { readonly wrong: string }

/** The path as requests are compared with it, or what is wrong with it. A trailing slash is dropped. */
export function readPrefix(value: string): PathRead {
  const path = readMatched(value, 'a prefix matches everything below it')
  return 'value' in path && path.value.length > 1 ? { value: path.value.replace(/\/$/, '') } : path
}

/** As requests are compared with it, or what is wrong with it. A trailing slash counts. */
export const readWholePath = (value: string): PathRead => readMatched(value, 'a path matches itself alone')

function readMatched(value: string, instead: string): PathRead {
  const path = readPath(value)
  if ('wrong' in path) return path
  if (value.includes('*')) return { wrong: `has a *; ${instead}` }
  // A request for such a path is refused as ambiguous, so that the route would never match.
  return otherReadings(path.value).length > 0 ? { wrong: 'can be read in more than one way' } : path
}

/** A path in the form in which requests are compared: without query, fragment and dot segments. Or what is wrong with it. */
export function readPath(value: string): PathRead {
  if (!value.startsWith('/')) return { wrong: 'does not begin with /' }
  if (value.includes('?')) return { wrong: 'has a query' }
  if (value.includes('#')) return { wrong: 'has a fragment' }
  if (/[\s\x00-\x20\x7f\\]/.test(value)) return { wrong: 'has a space, a backslash or a control character' }
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(value)) return { wrong: 'has a dot segment' }
  if (!value.isWellFormed() || !isWellFormed(value)) return { wrong: 'has an escape that is no UTF-8' }
  // What clients send is ASCII: other characters come as the escapes of their UTF-8.
  return { value: canonicalPath(value.replace(/[^\x00-\x7f]+/g, encodeURIComponent)) }
}
