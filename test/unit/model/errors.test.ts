import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ErrorCode, errorTable, GatewayError, problemText } from '../../../src/model/errors.ts'

/** What clients and their operators rely on. */
const documented: Record<ErrorCode, number> = {
  EG_BAD_REQUEST: 400,
  EG_UNAUTHENTICATED: 401,
  EG_FORBIDDEN: 403,
  EG_NO_ROUTE: 404,
  EG_METHOD: 405,
  EG_CLIENT_TIMEOUT: 408,
  EG_BODY_TOO_LARGE: 413,
  EG_URI_TOO_LONG: 414,
  EG_RATE_LIMITED: 429,
  EG_HEADERS_TOO_LARGE: 431,
  EG_INTERNAL: 500,
  EG_NOT_IMPLEMENTED: 501,
  EG_UPSTREAM_FAILED: 502,
  EG_NO_TARGET: 503,
  EG_OVERLOADED: 503,
  EG_AUTH_UNAVAILABLE: 503,
  EG_FAULT_INJECTED: 503,
  EG_DRAINING: 503,
  EG_TIMEOUT: 504,
  EG_LOOP: 508
}

test('every code has the status that is documented, a title and somebody at fault', () => {
  assert.deepEqual(Object.keys(errorTable).sort(), Object.keys(documented).sort())
  for (const [code, { status, title, fault }] of Object.entries(errorTable)) {
    // The keys of both were just seen to be the same.
    assert.equal(status, documented[code as ErrorCode], code)
    assert.match(title, /^[A-Z].*[^.]$/, code)
    assert.ok(['client', 'upstream', 'gateway'].includes(fault), code)
    assert.ok(fault === 'client' ? status < 500 || [501, 508].includes(status) : status >= 500, `${code}: whose fault it is`)
  }
})

describe('problem details', () => {
  test('have type, title, status, code and the id of the request', () => {
    assert.deepEqual(JSON.parse(problemText('EG_TIMEOUT', 'r1')), {
      type: 'urn:evergate:error:EG_TIMEOUT',
      title: errorTable.EG_TIMEOUT.title,
      status: 504,
      code: 'EG_TIMEOUT',
      requestId: 'r1'
    })
  })

  test('say more only where there is more to say', () => {
    assert.equal(JSON.parse(problemText('EG_BAD_REQUEST', 'r1', 'No.')).detail, 'No.')
    assert.ok(!('detail' in JSON.parse(problemText('EG_BAD_REQUEST', 'r1', ''))))
  })

  test('are JSON whatever the detail has in it', () => {
    assert.equal(JSON.parse(problemText('EG_BAD_REQUEST', 'r"1', 'a "b" \\ \n')).detail, 'a "b" \\ \n')
  })
})

test('an error of the gateway knows its status and the fields that come with it', () => {
  const error = new GatewayError('EG_METHOD', undefined, { allow: 'GET' })
  assert.ok(error instanceof Error)
  assert.deepEqual(
    [error.name, error.code, error.status, error.message, error.headers],
    ['GatewayError', 'EG_METHOD', 405, '', { allow: 'GET' }]
  )
})
