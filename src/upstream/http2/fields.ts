import type { IncomingHttpHeaders } from 'node:http'
import type { IncomingHttpHeaders as Http2Fields, OutgoingHttpHeaders } from 'node:http2'
import type { Dispatcher } from 'undici'

/** Fields that HTTP/2 has other means for (RFC 9113 section 8.2.2), in lower case. */
const forbidden: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade'
])

/** The fields of a request as `node:http2` takes them. `host` becomes `:authority`; without one the origin's is said. */
export function requestFields({ method, path, headers }: Dispatcher.DispatchOptions, origin: URL): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {
    ':method': method,
    ':scheme': origin.protocol.slice(0, -1),
    ':authority': origin.host,
    ':path': path
  }
  for (const [written, value] of pairs(headers)) {
    const name = written.toLowerCase()
    if (name === 'host') {
      // Of HTTP/1.0 it may be empty, which no authority is.
      if (value !== '') fields[':authority'] = value
    } else if (name === 'te') {
      if (/\btrailers\b/i.test(value)) fields[name] = 'trailers'
    } else if (!forbidden.has(name)) {
      const before = fields[name]
      // Those that come several times are one list (RFC 9110 section 5.3).
      fields[name] = before === undefined ? value : `${String(before)}${name === 'cookie' ? '; ' : ', '}${value}`
    }
  }
  return fields
}

/** undici takes fields as one array of names and values, as an object, or as an iterable of pairs. */
function* pairs(headers: Dispatcher.DispatchOptions['headers']): Iterable<[string, string]> {
  if (headers === null || headers === undefined) return
  if (Array.isArray(headers)) {
    for (let i = 0; i + 1 < headers.length; i += 2) yield [String(headers[i]), String(headers[i + 1])]
    return
  }
  const entries = Symbol.iterator in headers ? headers : Object.entries(headers)
  for (const [name, value] of entries) for (const each of [value ?? []].flat()) yield [name, String(each)]
}

/** The fields of an answer, or its trailers, as undici gives them: without those that begin with a colon. */
export function answerFields(received: Http2Fields): IncomingHttpHeaders {
  const fields: IncomingHttpHeaders = {}
  for (const name in received) if (name.charCodeAt(0) !== 0x3a) fields[name] = received[name]
  return fields
}
