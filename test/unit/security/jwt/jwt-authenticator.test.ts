import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Consumer } from '../../../../src/model/consumer.ts'
import { consumerOf } from '../../../../src/security/jwt/claims.ts'
import { JwtAuthenticator } from '../../../../src/security/jwt/jwt-authenticator.ts'
import { type Found, staticKey } from '../../../../src/security/jwt/key-set.ts'
import { tokenReader } from '../../../../src/security/jwt/token-place.ts'
import { bearer, type Claims, hsToken } from '../../../support/tokens.ts'
import { showing } from './requests.ts'

/** An authenticator whose key accepts every signature, and counts how many it was asked about. */
function counting({ cache = 10, toleranceMs = 0, required = [] as string[] } = {}) {
  const state = { now: 1_000_000, verified: 0 }
  const key = {
    kid: undefined,
    key: '',
    algorithms: ['HS256'] as const,
    verify: () => void state.verified++,
    withdrawn: false
  }
  const authenticator = new JwtAuthenticator({
    name: 'jwt',
    keys: staticKey(key),
    rules: { issuers: [], audiences: [], required, toleranceMs },
    shown: tokenReader({ header: 'authorization' }),
    cache,
    wallClock: () => state.now
  })
  const kindOf = async (claims: Claims) => {
    const said = await authenticator.identify(showing(bearer(hsToken(claims))))
    return said.kind === 'refused' ? said.reason : said.kind
  }
  return { state, key, authenticator, kindOf }
}

describe('a token', () => {
  test('is verified once, and remembered until it ends, not longer', async () => {
    const { state, kindOf } = counting({ toleranceMs: 5000 })
    for (let i = 0; i < 10; i++) assert.equal(await kindOf({ exp: 1001 }), 'consumer')
    assert.equal(state.verified, 1)
    state.now = 1_001_000
    assert.equal(await kindOf({ exp: 1001 }), 'consumer', 'the clock of the issuer may be off')
    assert.equal(await kindOf({ exp: 1001 }), 'consumer')
    assert.equal(state.verified, 3, 'after its end it is verified each time')
    state.now = 1_006_000
    assert.equal(await kindOf({ exp: 1001 }), 'expired')
  })

  test('is verified again when its key was withdrawn', async () => {
    const { state, key, kindOf } = counting()
    await kindOf({ exp: 2000 })
    key.withdrawn = true
    await kindOf({ exp: 2000 })
    assert.equal(state.verified, 2)
  })

  test('that is refused is not remembered', async () => {
    const { state, kindOf } = counting({ required: ['jti'] })
    for (let i = 0; i < 3; i++) assert.equal(await kindOf({ exp: 2000 }), 'invalid')
    assert.equal(await kindOf({ exp: 2000, jti: null }), 'invalid')
    assert.equal(await kindOf({ exp: 2000, jti: '1' }), 'consumer')
    assert.equal(state.verified, 5)
  })

  test('is decided about at once', () => {
    const { authenticator } = counting()
    for (let i = 0; i < 2; i++) assert.ok(!(authenticator.identify(showing(bearer(hsToken({ exp: 2000 })))) instanceof Promise))
  })

  test('waits where its key does', async () => {
    const { authenticator } = counting()
    const later = new JwtAuthenticator({
      name: 'jwt',
      keys: { find: async (): Promise<Found> => 'unavailable' },
      rules: { issuers: [], audiences: [], required: [], toleranceMs: 0 },
      shown: tokenReader({ header: 'authorization' }),
      cache: 0,
      wallClock: () => 0
    })
    const said = later.identify(showing(bearer(hsToken({ exp: 1 }))))
    assert.ok(said instanceof Promise)
    assert.deepEqual(await said, { kind: 'refused', reason: 'unavailable' })
    assert.deepEqual(authenticator.identify(showing({})), { kind: 'absent' })
  })
})

test('a challenge names an error only where something was shown (RFC 6750 section 3)', () => {
  const { authenticator } = counting()
  assert.equal(authenticator.challenge(), 'Bearer realm="evergate"')
  assert.equal(authenticator.challenge('expired'), 'Bearer realm="evergate", error="invalid_token"')
  assert.equal(authenticator.challenge('scope'), 'Bearer realm="evergate", error="insufficient_scope"')
})

describe('the consumer of a token', () => {
  const scopesOf = ({ scopes }: Consumer) => [...scopes]

  test('has the scopes that are written in one of three ways', () => {
    assert.deepEqual(scopesOf(consumerOf({ scope: 'a b  a' })), ['a', 'b'])
    assert.deepEqual(scopesOf(consumerOf({ scp: ['a', 'b'] })), ['a', 'b'])
    assert.deepEqual(scopesOf(consumerOf({ scp: 'a b' })), ['a', 'b'])
    assert.deepEqual(scopesOf(consumerOf({ scopes: ['a', 1, null, { a: 1 }] })), ['a'])
    assert.deepEqual(scopesOf(consumerOf({ scope: 'a', scp: ['root'] })), ['a'], 'the standard one counts')
    for (const claims of [{}, { scope: 7 }, { scope: {} }, { scope: '' }]) assert.deepEqual(scopesOf(consumerOf(claims)), [])
  })

  test('is named by its subject, or by the client that the token was issued to', () => {
    for (const [claims, name] of [
      [{ sub: 'ann', client_id: 'c' }, 'ann'],
      [{ sub: 7 }, '7'],
      [{ client_id: 'c', azp: 'd' }, 'c'],
      [{ sub: '', azp: 'd' }, 'd'],
      [{ sub: { a: 1 } }, 'unnamed'],
      [{}, 'unnamed']
    ] as const)
      assert.equal(consumerOf(claims).name, name)
    assert.deepEqual(consumerOf({ iss: 'https://id.test' }).labels, { issuer: 'https://id.test' })
  })
})
