import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readHead } from '../../../src/transport/http2-head.ts'

/** As Node gives them: by name, and in order. */
function head(...pairs: readonly (readonly [string, string])[]) {
  const named: Record<string, string> = Object.create(null)
  for (const [name, value] of pairs) {
    const before = named[name]
    named[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return readHead(named, pairs.flat())
}

const get = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/x?y']
] as const

describe('the head of a request of HTTP/2', () => {
  test('is that of HTTP/1: no pseudo-header fields, Host from :authority', () => {
    const { method, url, headers, rawHeaders, fault } = head(...get, [':authority', 'a.example:8'], ['x-one', '1'])
    assert.deepEqual([method, url, fault], ['GET', '/x?y', undefined])
    assert.deepEqual({ ...headers }, { host: 'a.example:8', 'x-one': '1' })
    assert.deepEqual(rawHeaders, ['host', 'a.example:8', 'x-one', '1'])
  })

  test('takes Host where there is no :authority, or both where they are the same', () => {
    assert.equal(head(...get, ['host', 'b']).headers.host, 'b')
    const both = head(...get, [':authority', 'B'], ['host', 'b'])
    assert.deepEqual([both.headers.host, both.fault, both.rawHeaders], ['B', undefined, ['host', 'B']])
  })

  test('is refused where :authority and Host differ: whoever reads one would not see the other', () => {
    assert.equal(head(...get, [':authority', 'a'], ['host', 'b']).fault, 'EG_BAD_REQUEST')
  })

  test('has the cookies that came in pieces in one (RFC 9113 section 8.2.3), which counts as one', () => {
    const { headers, rawHeaders } = head(...get, [':authority', 'a'], ['cookie', 'b=1'], ['x', 'y'], ['cookie', 'c=2'])
    assert.equal(headers.cookie, 'b=1; c=2')
    assert.deepEqual(rawHeaders, ['host', 'a', 'cookie', 'b=1; c=2', 'x', 'y'])
  })

  test('keeps fields that came twice apart for who counts them', () => {
    const { rawHeaders } = head(...get, [':authority', 'a'], ['authorization', '1'], ['authorization', '2'])
    assert.deepEqual(rawHeaders, ['host', 'a', 'authorization', '1', 'authorization', '2'])
  })

  test('is for a scheme of the web, whichever: TLS may have ended before', () => {
    for (const [scheme, fault] of [
      ['http', undefined],
      ['https', undefined],
      ['ftp', 'EG_BAD_REQUEST'],
      ['HTTP', 'EG_BAD_REQUEST']
    ] as const) {
      assert.equal(head([':method', 'GET'], [':scheme', scheme], [':path', '/'], [':authority', 'a']).fault, fault)
    }
  })

  test('of CONNECT has no path, and is refused as with HTTP/1', () => {
    const { url, fault } = head([':method', 'CONNECT'], [':authority', 'a:443'])
    assert.deepEqual([url, fault], ['', 'EG_METHOD'])
  })

  test('has as many bytes as one of HTTP/1 may have; a long target is told apart', () => {
    assert.equal(head(...get, [':authority', 'a'], ['x', 'y'.repeat(16_000)]).fault, undefined)
    assert.equal(head(...get, [':authority', 'a'], ['x', 'y'.repeat(16_400)]).fault, 'EG_HEADERS_TOO_LARGE')
    const long = [':path', `/${'y'.repeat(17_000)}`] as const
    assert.equal(head([':method', 'GET'], [':scheme', 'http'], long, [':authority', 'a']).fault, 'EG_URI_TOO_LONG')
  })

  test('takes a field by any name, __proto__ too', () => {
    const { headers } = head(...get, [':authority', 'a'], ['__proto__', 'x'], ['constructor', 'y'])
    assert.deepEqual(Object.keys(headers).sort(), ['__proto__', 'constructor', 'host'])
  })
})
