import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TokenKey } from '../../../../src/security/jwt/key.ts'
import { TokenCache, type VerifiedToken } from '../../../../src/security/jwt/token-cache.ts'

const key: TokenKey = { kid: 'k', key: '', algorithms: [], verify() {}, withdrawn: false }
const good = (until = 1000, by = key): VerifiedToken => ({ identification: { kind: 'absent' }, key: by, until })

describe('a verified token is remembered', () => {
  test('until its end, and not at it', () => {
    const cache = new TokenCache(10)
    const token = good(1000)
    cache.set('a', token)
    assert.equal(cache.get('a', 999), token)
    assert.equal(cache.get('a', 1000), undefined)
    assert.equal(cache.get('b', 0), undefined)
  })

  test('until its key is withdrawn', () => {
    const cache = new TokenCache(10)
    const own = { ...key }
    cache.set('a', good(1000, own))
    own.withdrawn = true
    assert.equal(cache.get('a', 0), undefined)
  })

  test('when it is asked for while many others come', () => {
    const cache = new TokenCache(10)
    cache.set('asked for', good())
    for (let i = 0; i < 1000; i++) {
      cache.set(`other ${i}`, good())
      assert.ok(cache.get('asked for', 0), `after ${i}`)
      assert.ok(cache.size <= 10, `${cache.size}`)
    }
    assert.equal(cache.get('other 0', 0), undefined)
  })

  test('never where nothing is to be remembered', () => {
    const cache = new TokenCache(0)
    cache.set('a', good())
    assert.equal(cache.get('a', 0), undefined)
  })
})
