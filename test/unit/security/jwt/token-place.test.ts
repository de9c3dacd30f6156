import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, test } from 'node:test'
import { tokenReader } from '../../../../src/security/jwt/token-place.ts'
import { showing } from './requests.ts'

describe('a token is read from', () => {
  const read = tokenReader({ header: 'authorization' })
  const of = (authorization: string) => read(showing({ authorization }))

  test('Authorization, after Bearer', () => {
    for (const written of ['Bearer eyJ.e.s', 'bearer eyJ.e.s', 'BEARER  eyJ.e.s ', 'Bearer  eyJ.e.s'])
      assert.deepEqual(of(written), { token: 'eyJ.e.s' }, written)
    assert.deepEqual(of('Bearer opaque'), { token: 'opaque' })
  })

  test('Authorization alone, unless more is said', () => {
    assert.equal(read(showing({ cookie: 'token=a', 'x-token': 'a' }, '?access_token=a&token=a')), undefined)
  })

  test('nowhere when Authorization is of another scheme, or absent', () => {
    for (const written of ['Basic YTpi', 'Bearerx y', 'ApiKey a.b', '']) assert.equal(of(written), undefined, written)
    assert.equal(read(showing({})), undefined)
  })

  test('no Authorization that has none, or two', () => {
    for (const written of ['Bearer', 'Bearer ', 'Bearer eyJ x', 'Bearer a, Bearer b', 'Bearer a,b'])
      assert.equal(of(written), 'malformed', written)
  })

  test('another header, a cookie and the query, where they are named, in this order', () => {
    const any = tokenReader({ header: 'x-token', cookie: 'session', query: 'access_token' })
    const all: IncomingHttpHeaders = { 'x-token': 'Bearer h', cookie: 'a=b; session=c', authorization: 'Bearer x' }
    assert.deepEqual(any(showing(all, '?access_token=q')), { token: 'h' })
    assert.deepEqual(any(showing({ 'x-token': 'h' })), { token: 'h' })
    assert.deepEqual(any(showing({ ...all, 'x-token': '' }, '?access_token=q')), { token: 'c' })
    assert.deepEqual(any(showing({}, '?a=b&access_token=q')), { token: 'q' })
    assert.equal(any(showing({}, '?access_token=')), undefined)
    assert.deepEqual(tokenReader({ header: false, cookie: 'session' })(showing(all)), { token: 'c' })
  })
})
