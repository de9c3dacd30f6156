import { type IncomingHttpHeaders, maxHeaderSize } from 'node:http'
import type { ErrorCode } from '../model/errors.ts'

/** The beginning of a request as HTTP/1 would have told of it: nothing behind it knows of pseudo-header fields. */
export interface Http2Head {
  readonly method: string
  /** Path and query; empty for CONNECT. */
  readonly url: string
  /** What a client asks to speak within its stream (RFC 8441); the method is GET then, as HTTP/1 has it. */
  readonly protocol: string | undefined
  /** By their names in lower case. Fields that came several times are one, those of cookies with `; ` between them. */
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value, as they came. Host is the first. All of the cookies are one: clients may cut them at will. */
  readonly rawHeaders: string[]
  /** What nghttp2 takes although it is no request of ours; undefined for nearly every one. */
  readonly fault: ErrorCode | undefined
}

/** What HTTP/1 writes besides name and value of a field: `: ` and the end of the line. */
const perFieldBytes = 4

/** A target that is longer than this is what made a head too large, as with HTTP/1. */
const longTarget = 8192

/**
 * Reads the fields of one request as Node gives them: `headers` by name, `raw` in order (RFC 9113 section 8.3.1). nghttp2 has
 * refused what is malformed by the letter of HTTP/2: connection-specific fields, names in capitals, pseudo-headers twice,
 * neither `:authority` nor Host.
 */
export function readHead(headers: NodeJS.Dict<string | string[]>, raw: readonly string[]): Http2Head {
  const fields: IncomingHttpHeaders = Object.create(null)
  const { ':protocol': protocol } = headers
  const { ':method': method = '', ':path': path = '', ':authority': authority, ':scheme': scheme = '', host } = headers
  const rawHeaders: string[] = []
  const name = authority ?? host
  if (name !== undefined) {
    // Where both came and differ it is refused.
    fields.host = String(name)
    rawHeaders.push('host', fields.host)
  }
  let bytes = String(method).length + String(path).length
  let hasCookie = false
  // Names and values alternate, so both are there.
  for (let i = 0; i < raw.length; i += 2) {
    const each = raw[i]!
    const value = raw[i + 1]!
    bytes += each.length + value.length + perFieldBytes
    if (each.charCodeAt(0) === 58 || each === 'host') continue
    if (each === 'cookie') {
      if (!hasCookie) rawHeaders.push(each, String(headers['cookie']))
      hasCookie = true
    } else rawHeaders.push(each, value)
    fields[each] = headers[each]
  }
  const asked = protocol === undefined ? String(method) : 'GET'
  const differ = authority !== undefined && host !== undefined && String(authority).toLowerCase() !== String(host).toLowerCase()
  return {
    method: asked,
    url: String(path),
    protocol: protocol === undefined ? undefined : String(protocol),
    headers: fields,
    rawHeaders,
    fault: faultOf(asked, String(path), String(scheme), bytes, differ)
  }
}

function faultOf(method: string, path: string, scheme: string, bytes: number, differ: boolean): ErrorCode | undefined {
  if (bytes > maxHeaderSize) return path.length > longTarget ? 'EG_URI_TOO_LONG' : 'EG_HEADERS_TOO_LARGE'
  if (method === 'CONNECT') return 'EG_METHOD'
  // TLS may have ended before: which of the two it is says nothing.
  return differ || (scheme !== 'http' && scheme !== 'https') ? 'EG_BAD_REQUEST' : undefined
}
