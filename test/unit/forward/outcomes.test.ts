import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { errors } from 'undici'
import { isSmall, wholeAnswer } from '../../../src/forward/answer.ts'
import { failureCode, failureReason } from '../../../src/forward/failure.ts'
import { namedByConnection } from '../../../src/forward/hop-by-hop.ts'
import { hasBody } from '../../../src/forward/request-body.ts'
import type { FailureReason } from '../../../src/model/outcome.ts'
import { aborted, answered, refused, reset } from '../fixtures/attempts.ts'

const error = (code?: string) => Object.assign(new Error('x'), code === undefined ? {} : { code })

describe('an error before the request began to be written', () => {
  const table: Record<string, FailureReason> = {
    ECONNREFUSED: 'refused',
    EHOSTUNREACH: 'refused',
    ENOTFOUND: 'refused',
    EAI_AGAIN: 'refused',
    ECONNRESET: 'refused',
    UND_ERR_SOCKET: 'refused',
    UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
    ETIMEDOUT: 'connect-timeout',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
    CERT_HAS_EXPIRED: 'tls',
    ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
    ERR_SSL_WRONG_VERSION_NUMBER: 'tls',
    EPROTO: 'tls'
  }
  for (const [code, reason] of Object.entries(table)) {
    test(`${code} is ${reason}`, () => assert.equal(failureReason(error(code), false), reason))
  }

  test('of no code is refused, and so is what is no error', () => {
    for (const thrown of [error(), undefined, null, 'text', 7]) assert.equal(failureReason(thrown, false), 'refused')
  })

  test('of several addresses is that of the first', () => {
    assert.equal(failureReason(new AggregateError([error('ETIMEDOUT'), error('ECONNREFUSED')]), false), 'connect-timeout')
    assert.equal(failureReason(new AggregateError([]), false), 'refused')
    assert.equal(failureReason(Object.assign(new AggregateError([error('EPROTO')]), { code: 'ECONNREFUSED' }), false), 'refused')
  })
})

describe('an error after the request began to be written', () => {
  const table: Record<string, FailureReason> = {
    ECONNRESET: 'reset',
    EPIPE: 'reset',
    UND_ERR_SOCKET: 'reset',
    ETIMEDOUT: 'timeout',
    UND_ERR_HEADERS_TIMEOUT: 'timeout',
    UND_ERR_BODY_TIMEOUT: 'timeout',
    HPE_INVALID_CONSTANT: 'protocol',
    HPE_INVALID_CHUNK_SIZE: 'protocol',
    UND_ERR_HEADERS_OVERFLOW: 'protocol',
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'protocol',
    UND_ERR_INVALID_ARG: 'protocol'
  }
  for (const [code, reason] of Object.entries(table)) {
    test(`${code} is ${reason}`, () => assert.equal(failureReason(error(code), true), reason))
  }

  test('of undici’s parser, which has no code, is one of protocol', () => {
    const { HTTPParserError } = errors
    assert.equal(failureReason(new HTTPParserError('Response does not match the HTTP/1.1 protocol'), true), 'protocol')
    assert.equal(failureReason(new HTTPParserError(), false), 'refused', 'nothing of the request had been written')
  })

  test('of no code is a reset', () => assert.equal(failureReason(error(), true), 'reset'))
})

test('the client is told of a timeout, or of a failure without a word about where', () => {
  assert.equal(failureCode({ kind: 'failure', reason: 'timeout', sent: true }, false), 'EG_TIMEOUT')
  assert.equal(failureCode({ kind: 'failure', reason: 'connect-timeout', sent: false }, false), 'EG_UPSTREAM_FAILED')
  for (const outcome of [refused, reset, aborted]) assert.equal(failureCode(outcome, false), 'EG_UPSTREAM_FAILED')
  for (const outcome of [refused, reset, answered(503)]) assert.equal(failureCode(outcome, true), 'EG_TIMEOUT')
})

describe('an answer is small', () => {
  test('when its length is known and within the limit', () => {
    assert.equal(isSmall('GET', 200, { 'content-length': '10' }, 10), true)
    assert.equal(isSmall('GET', 200, { 'content-length': '11' }, 10), false)
    assert.equal(isSmall('GET', 200, { 'content-length': '0' }, 10), true)
    assert.equal(isSmall('GET', 200, {}, 10), false)
    assert.equal(isSmall('GET', 200, { 'content-length': '5', 'transfer-encoding': 'chunked' }, 10), false)
    assert.equal(isSmall('GET', 200, { 'content-length': 'x' }, 10), false)
  })

  test('when it has no body, whatever it says of one', () => {
    assert.equal(isSmall('HEAD', 200, { 'content-length': '1000' }, 10), true)
    assert.equal(isSmall('GET', 204, {}, 10), true)
    assert.equal(isSmall('GET', 304, { 'content-length': '1000' }, 10), true)
  })
})

test('a gathered body is one buffer', () => {
  const [one, two] = [Buffer.from('ab'), Buffer.from('cd')]
  const gathered = { status: 200, fields: {}, gatheredBytes: 4 }
  assert.equal(wholeAnswer({ ...gathered, chunks: [] }).body, undefined)
  assert.equal(wholeAnswer({ ...gathered, chunks: [one] }).body, one)
  assert.equal(wholeAnswer({ ...gathered, chunks: [one, two] }).body?.toString(), 'abcd')
})

test('a request has a body when one of two fields says so, and it is not of no bytes', () => {
  assert.equal(hasBody({ headers: {} }), false)
  assert.equal(hasBody({ headers: { 'content-length': '0' } }), false)
  assert.equal(hasBody({ headers: { 'content-length': '1' } }), true)
  assert.equal(hasBody({ headers: { 'transfer-encoding': 'chunked' } }), true)
})

test('Connection names fields in any case, with or without spaces, and nearly always none', () => {
  for (const none of [undefined, 'keep-alive', 'close']) assert.equal(namedByConnection(none), undefined)
  assert.deepEqual([...(namedByConnection('Close,X-A , x-b') ?? [])], ['close', 'x-a', 'x-b'])
  assert.ok(namedByConnection(['x-a', 'x-b'])?.has('x-b'))
})
