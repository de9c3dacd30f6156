import type { IncomingMessage } from 'node:http'
import type { ErrorCode } from './model/errors.ts'
import { Http2Request } from './transport/http2-request.ts'

/**
 * What a Host field may hold (RFC 3986 section 3.2): a name or an address, and a port. Of what RFC 3986 allows besides, no name
 * has any: a comma or a semicolon would be read as a list by some.
 */
const wellFormedHost = /^(?:\[[\da-f:.]+\]|[\w.~%-]+)(?::\d{0,5})?$/i

/** Visible ASCII; a fragment stays with the client (RFC 9112 section 3.2). */
const noTarget = /[^\x21-\x22\x24-\x7e]/

/** Absolute-form, with its authority. */
const absoluteForm = /^https?:\/\/([^/?]*)/i

/** Fields that a request may have, trailers aside; as many as Apache, Envoy and HAProxy take. */
export const mostFields = 100

/**
 * What Node's parser takes although HTTP does not: the code to refuse it with, undefined for nearly every request. What one
 * server reads in one way and the next in another is a way past both.
 */
export function faultOf(request: IncomingMessage): ErrorCode | undefined {
  const { headers, httpVersion, rawHeaders, url = '' } = request
  const given: unknown = request
  if (given instanceof Http2Request && given.fault !== undefined) return given.fault
  if (rawHeaders.length > 2 * mostFields) return 'EG_HEADERS_TOO_LARGE'
  const { host, authorization, 'transfer-encoding': coding } = headers
  // Which of two credentials counts is not for chance to say.
  if (authorization !== undefined && isTwice('authorization', rawHeaders)) return 'EG_BAD_REQUEST'
  if (coding !== undefined) {
    // RFC 9112 section 6.1: an older version has no codings.
    if (httpVersion === '1.0') return 'EG_BAD_REQUEST'
    if (coding.toLowerCase() !== 'chunked') return 'EG_NOT_IMPLEMENTED'
  }
  if (!isTarget(url)) return 'EG_BAD_REQUEST'
  // RFC 9112 section 3.2: one Host, and a valid one.
  if (host === undefined) return httpVersion === '1.0' ? undefined : 'EG_BAD_REQUEST'
  return wellFormedHost.test(host) && !isTwice('host', rawHeaders) ? undefined : 'EG_BAD_REQUEST'
}

/** A path, or a URL with a host: `*` is about a server, and what is asked for here is behind one. */
function isTarget(target: string): boolean {
  if (noTarget.test(target)) return false
  if (target.charCodeAt(0) === 47) return true
  const [, authority] = absoluteForm.exec(target) ?? []
  return authority !== undefined && wellFormedHost.test(authority)
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
