import type { IncomingMessage } from 'node:http'
import type { ErrorCode } from './model/errors.ts'

/** What may stand in a Host field (RFC 3986 section 3.2): a name or an address, and a port. Empty where there is no authority. */
const wellFormedHost = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i

/**
 * What Node's parser takes although HTTP does not: the code to refuse it with, undefined for nearly every request. What one
 * server reads in one way and the next in another is a way past both.
 */
export function faultOf({ headers, httpVersion, rawHeaders }: IncomingMessage): ErrorCode | undefined {
  const { host, 'transfer-encoding': coding } = headers
  if (coding !== undefined) {
    // RFC 9112 section 6.1: an older version has no codings.
    if (httpVersion === '1.0') return 'EG_BAD_REQUEST'
    if (coding.toLowerCase() !== 'chunked') return 'EG_NOT_IMPLEMENTED'
  }
  // RFC 9112 section 3.2: one Host, and a valid one.
  if (host === undefined) return httpVersion === '1.0' ? undefined : 'EG_BAD_REQUEST'
  return wellFormedHost.test(host) && !isTwice('host', rawHeaders) ? undefined : 'EG_BAD_REQUEST'
}

/** Node keeps the first of two fields that may stand there once. `rawHeaders` are name, value, name, value. */
function isTwice(name: string, rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const each = rawHeaders[i]
    if (each !== undefined && each.length === name.length && each.toLowerCase() === name) count++
  }
  return count > 1
}
