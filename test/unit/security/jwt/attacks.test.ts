import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { makeVerify } from '../../../../src/jwt-keys.ts'
import type { Authenticator, Identification, RefusalReason } from '../../../../src/model/authenticator.ts'
import type { SignatureAlgorithm } from '../../../../src/model/signature-algorithms.ts'
import { JwtAuthenticator } from '../../../../src/security/jwt/jwt-authenticator.ts'
import { KeySet, type KeySource, staticKey } from '../../../../src/security/jwt/key-set.ts'
import { tokenReader } from '../../../../src/security/jwt/token-place.ts'
import { VirtualScheduler } from '../../../../src/time/scheduler.ts'
import { bearer, type Claims, hsToken, keyToken, pair, secret } from '../../../support/tokens.ts'
import { showing } from './requests.ts'

const now = 1_800_000_000_000
const seconds = now / 1000
const good: Claims = { iss: 'https://id.test', aud: 'api', sub: 'ann', exp: seconds + 300 }

function verifierBy(keys: KeySource): Authenticator {
  return new JwtAuthenticator({
    name: 'jwt',
    keys,
    rules: { issuers: ['https://id.test'], audiences: ['api'], required: [], toleranceMs: 5000 },
    shown: tokenReader({ header: 'authorization' }),
    cache: 10,
    wallClock: () => now
  })
}

async function withKey(key: string, algorithms: readonly SignatureAlgorithm[]): Promise<Authenticator> {
  const material = { key, algorithms }
  return verifierBy(staticKey({ ...material, kid: undefined, verify: await makeVerify(material), withdrawn: false }))
}

const rsa = pair()
const ec = pair('ec')
const evil = pair()

const algorithms = ['RS256', 'ES256', 'EdDSA'] as const

let bySecret: Authenticator
let byPublicKey: Authenticator
let byKeySet: Authenticator

before(async () => {
  bySecret = await withKey(secret, ['HS256'])
  byPublicKey = await withKey(rsa.pem, ['RS256'])
  byKeySet = verifierBy(
    new KeySet({
      fetch: async () => JSON.stringify({ keys: [rsa.jwk({ kid: 'k1', alg: 'RS256' }), ec.jwk({ kid: 'k2', use: 'sig' })] }),
      algorithms,
      makeVerify,
      scheduler: new VirtualScheduler(),
      told() {}
    })
  )
})

async function said(by: Authenticator, token: string): Promise<Identification> {
  return by.identify(showing(bearer(token)))
}

async function reasonOf(by: Authenticator, token: string): Promise<RefusalReason | 'accepted' | 'absent'> {
  const identification = await said(by, token)
  return identification.kind === 'refused' ? identification.reason : identification.kind === 'absent' ? 'absent' : 'accepted'
}

test('the tokens that are attacked are accepted', async () => {
  assert.equal(await reasonOf(bySecret, hsToken(good)), 'accepted')
  assert.equal(await reasonOf(byPublicKey, keyToken(good, rsa.privateKey, { alg: 'RS256' })), 'accepted')
  assert.equal(await reasonOf(byKeySet, keyToken(good, rsa.privateKey, { alg: 'RS256', kid: 'k1' })), 'accepted')
  assert.equal(await reasonOf(byKeySet, keyToken(good, ec.privateKey, { alg: 'ES256', kid: 'k2' })), 'accepted')
})

const none = (alg: string) => `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.${hsToken(good).split('.')[1]}.`

describe('by a secret refused is', () => {
  const cases: readonly [string, string, RefusalReason][] = [
    ['alg none', none('none'), 'malformed'],
    ['alg nOnE', none('nOnE'), 'malformed'],
    ['alg None with a signature', hsToken(good, { alg: 'None' }), 'malformed'],
    ['no alg', hsToken(good, { typ: 'JWT' }), 'malformed'],
    ['another secret', hsToken(good, { alg: 'HS256' }, 'another secret that is long enough for the hash'), 'invalid'],
    ['HS512 where HS256 is pinned', hsToken(good, { alg: 'HS512' }, secret, 512), 'invalid'],
    ['HS384 that says HS256', hsToken(good, { alg: 'HS256' }, secret, 384), 'invalid'],
    ['RS256 by a key of its own', keyToken(good, evil.privateKey, { alg: 'RS256' }), 'invalid'],
    ['a token that is cut short', hsToken(good).slice(0, -3), 'invalid'],
    ['a token without its signature', hsToken(good).replace(/[^.]*$/, ''), 'malformed'],
    ['a token with a fourth part', `${hsToken(good)}.x`, 'malformed'],
    ['five parts, as of an encrypted token', 'a.b.c.d.e', 'malformed'],
    ['no base64url', 'a.b!.c', 'malformed'],
    ['a huge token', hsToken({ ...good, more: 'x'.repeat(9000) }), 'malformed'],
    ['nine thousand letters', 'a'.repeat(9000), 'malformed'],
    ['a critical header', hsToken(good, { alg: 'HS256', crit: ['x'], x: 1 }), 'malformed'],
    ['an empty list of critical headers', hsToken(good, { alg: 'HS256', crit: [] }), 'malformed'],
    ['an unencoded payload', hsToken(good, { alg: 'HS256', b64: false }), 'malformed'],
    ['a token within the token', hsToken(good, { alg: 'HS256', cty: 'JWT' }), 'malformed'],
    ['two algorithms', hsToken(good, '{"alg":"none","alg":"HS256"}'), 'malformed'],
    ['two subjects', hsToken(`{"sub":"root","iss":"https://id.test","aud":"api","exp":${seconds + 9},"sub":"ann"}`), 'malformed'],
    ['two members, one of them escaped', hsToken(`{"exp":1,"\\u0065xp":${seconds + 9}}`), 'malformed'],
    ['two members further in', hsToken(`{"exp":${seconds + 9},"a":[{"b":1,"b":2}]}`), 'malformed'],
    ['claims that are nested without end', hsToken(`{"exp":1,"a":${'['.repeat(2000)}${']'.repeat(2000)}}`), 'malformed'],
    ['claims that are a list', hsToken('[1]'), 'invalid'],
    ['claims that are no JSON', hsToken('{exp:1}'), 'invalid'],
    ['no exp', hsToken({ ...good, exp: undefined }), 'malformed'],
    ['exp as a text', hsToken({ ...good, exp: String(seconds + 300) }), 'malformed'],
    ['an exp that is no number', hsToken('{"exp":1e999}'), 'malformed'],
    ['nbf as a text', hsToken({ ...good, nbf: '1' }), 'malformed'],
    ['iat as a list', hsToken({ ...good, iat: [1] }), 'malformed'],
    ['its end', hsToken({ ...good, exp: seconds - 5 }), 'expired'],
    ['a time to come', hsToken({ ...good, nbf: seconds + 6 }), 'invalid'],
    ['another issuer', hsToken({ ...good, iss: 'https://id.test/' }), 'invalid'],
    ['no issuer', hsToken({ ...good, iss: undefined }), 'invalid'],
    ['issuers', hsToken({ ...good, iss: ['https://id.test'] }), 'invalid'],
    ['another audience', hsToken({ ...good, aud: ['other', 'API'] }), 'invalid'],
    ['no audience', hsToken({ ...good, aud: undefined }), 'invalid']
  ]
  for (const [what, token, reason] of cases) {
    test(what, async () => assert.equal(await reasonOf(bySecret, token), reason))
  }
})

describe('by a public key refused is', () => {
  const cases: readonly [string, string][] = [
    ['HS256 with the public key as its secret', hsToken(good, { alg: 'HS256' }, rsa.pem)],
    ['the same without the last line end', hsToken(good, { alg: 'HS256' }, rsa.pem.trim())],
    ['HS256 that says RS256', hsToken(good, { alg: 'RS256' }, rsa.pem)],
    ['PS256 where RS256 is pinned', keyToken(good, rsa.privateKey, { alg: 'PS256' })],
    ['a key that the token brings with it', keyToken(good, evil.privateKey, { alg: 'RS256', jwk: evil.jwk() })],
    ['a key of another family', keyToken(good, ec.privateKey, { alg: 'ES256' })]
  ]
  for (const [what, token] of cases) {
    test(what, async () => assert.equal(await reasonOf(byPublicKey, token), 'invalid'))
  }
})

describe('by a key set refused is', () => {
  const forged = (header: Claims) => keyToken(good, evil.privateKey, { alg: 'RS256', ...header })
  const cases: readonly [string, string][] = [
    ['HS256 with the public key of that name', hsToken(good, { alg: 'HS256', kid: 'k1' }, rsa.pem)],
    ['HS256 with the key as it is published', hsToken(good, { alg: 'HS256', kid: 'k1' }, JSON.stringify(rsa.jwk({ kid: 'k1' })))],
    ['a key that the token brings with it', forged({ kid: 'k1', jwk: evil.jwk({ kid: 'k1' }) })],
    ['a set that the token names', forged({ kid: 'evil', jku: 'https://evil.test/keys' })],
    ['a certificate that the token names', forged({ kid: 'k1', x5u: 'https://evil.test/cert', x5c: ['MIIB'] })],
    ['a kid that is a path', forged({ kid: '../../../../dev/null' })],
    ['a kid that is SQL', forged({ kid: "x' UNION SELECT 'secret' -- " })],
    ['a kid that is a name of every object', forged({ kid: '__proto__' })],
    ['a token signed by one key in the name of another', keyToken(good, rsa.privateKey, { alg: 'RS256', kid: 'k2' })],
    ['the algorithm of another key', keyToken(good, rsa.privateKey, { alg: 'ES256', kid: 'k2' })]
  ]
  for (const [what, token] of cases) {
    test(what, async () => assert.equal(await reasonOf(byKeySet, token), 'invalid'))
  }
  for (const kid of [1, null, ['k1'], 'k'.repeat(513)]) {
    test(`a kid that is ${JSON.stringify(kid).slice(0, 9)}`, async () =>
      assert.equal(await reasonOf(byKeySet, forged({ kid })), 'malformed'))
  }
})

describe('not refused is', () => {
  for (const [what, token] of [
    ['the clock of an issuer that is off by less than the tolerance', hsToken({ ...good, exp: seconds - 4, nbf: seconds + 4 })],
    ['one audience among others', hsToken({ ...good, aud: ['other', 'api'] })],
    ['a header that names a key set elsewhere, which nobody asks', hsToken(good, { alg: 'HS256', jku: 'https://evil.test' })],
    ['claims with commas, braces and quotes in texts', hsToken({ ...good, a: '{"sub":1,"sub":2}', b: '\\"', c: ['"a":'] })]
  ] as const) {
    test(what, async () => assert.equal(await reasonOf(bySecret, token), 'accepted'))
  }
})
