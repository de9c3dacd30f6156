import assert from 'node:assert/strict'
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { makeVerify } from '../../../../src/jwt-keys.ts'
import {
  isSymmetric,
  leastSecretBytes,
  type SignatureAlgorithm,
  signatureAlgorithms
} from '../../../../src/model/signature-algorithms.ts'
import type { KeyMaterial, Verify } from '../../../../src/security/jwt/key.ts'
import { KeySet, type KeySource, staticKey } from '../../../../src/security/jwt/key-set.ts'
import { readHeader } from '../../../../src/security/jwt/token.ts'
import { VirtualScheduler } from '../../../../src/time/scheduler.ts'
import { readVectors, skippedWithout } from '../../../support/corpora.ts'

interface Jwk extends Readonly<Record<string, unknown>> {
  readonly kty: string
  readonly alg?: string
  readonly k?: string
}
type Keys = Jwk | { readonly keys: readonly Jwk[] }

interface Vectors {
  readonly testGroups: readonly {
    readonly comment: string
    readonly public?: Keys
    readonly private: Keys
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly jws?: unknown
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

/** What @fastify/jwt's verifier asks for the signature itself: the payloads of the vectors are no claims, which it reads before. */
const ownRequire = createRequire(createRequire(import.meta.url).resolve('@fastify/jwt'))
const { verifySignature }: { verifySignature(...given: [string, KeyObject, string, string]): boolean } =
  ownRequire('fast-jwt/src/crypto.js')

function bySignature(key: KeyObject, algorithms: readonly string[]): Verify {
  return token => {
    const algorithm = readHeader(token)?.algorithm ?? 'none'
    const end = token.lastIndexOf('.')
    if (!algorithms.includes(algorithm) || !verifySignature(algorithm, key, token.slice(0, end), token.slice(end + 1)))
      throw new Error('not good')
  }
}

const signatureOnly = async ({ key, algorithms }: KeyMaterial) => bySignature(createPublicKey(key), algorithms)

/** The keys of a group as a configuration, or an issuer, would give them; undefined for what neither can. */
async function sourceOf(keys: readonly Jwk[], makeFor: typeof makeVerify): Promise<KeySource | undefined> {
  const [first] = keys
  if (keys.length === 1 && first?.kty === 'oct') return secretOf(first, makeFor)
  if (keys.every(({ kty }) => kty === 'oct')) return undefined
  const fetch = async () => JSON.stringify({ keys })
  const scheduler = new VirtualScheduler()
  return new KeySet({ fetch, algorithms: signatureAlgorithms, makeVerify: makeFor, scheduler, told() {} })
}

async function secretOf({ k = '', alg }: Jwk, makeFor: typeof makeVerify): Promise<KeySource | undefined> {
  const algorithm = signatureAlgorithms.find(each => each === alg)
  const secret = Buffer.from(k, 'base64url')
  const none: KeySource = { find: () => [] }
  // As the configuration is checked.
  if (algorithm === undefined || !isSymmetric(algorithm) || secret.length < leastSecretBytes(algorithm)) return none
  const material = { key: secret.toString('latin1'), algorithms: [algorithm] }
  const verify = makeFor === makeVerify ? await makeVerify(material) : bySignature(createSecretKey(secret), [algorithm])
  return staticKey({ ...material, kid: undefined, verify, withdrawn: false })
}

async function passes(token: unknown, source: KeySource): Promise<boolean> {
  const header = typeof token === 'string' ? readHeader(token) : undefined
  if (header === undefined || typeof token !== 'string') return false
  const found = await source.find(header)
  assert.ok(found !== 'unavailable')
  return found.some(({ verify }) => {
    try {
      verify(token)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Valid signatures that are refused on purpose: by a key whose `alg` is another algorithm than the token's (or none that there
 * is: "ES521"), which RFC 8725 section 3.1 wants refused.
 */
const pinned = new Set(['PS256 Figure20', 'ES521 Figure27'])

/** Marked valid, with a question mark within base64url: RFC 4648 section 3.3 wants that refused, as the vectors around them do. */
const misprinted = new Set([372, 373])

for (const file of ['json_web_signature_test.json', 'json_web_key_test.json', 'json_web_crypto_test.json']) {
  const path = `wycheproof-jose/${file}`
  test(`every signature of ${file} is judged as it is marked`, { skip: skippedWithout(path) }, async () => {
    // The form is that of the vectors.
    const { testGroups } = (await readVectors(path)) as Vectors
    const judged = { valid: 0, invalid: 0 }
    for (const { public: published, private: own, tests } of testGroups) {
      const written = published ?? own
      const keys = 'keys' in written ? (written.keys as readonly Jwk[]) : [written as Jwk]
      const [signatures, whole] = [await sourceOf(keys, signatureOnly), await sourceOf(keys, makeVerify)]
      if (signatures === undefined || whole === undefined) continue
      const good = new Set(tests.filter(({ result }) => result === 'valid').map(({ jws }) => jws))
      for (const { tcId, comment, jws, result } of tests) {
        // What is letter by letter a token that the same group marks valid says nothing (367 and 370 are 357).
        if (jws === undefined || (result === 'invalid' && good.has(jws))) continue
        const expected = result === 'valid' && !misprinted.has(tcId) && !pinned.has(`${keys[0]?.alg} ${comment}`)
        assert.equal(await passes(jws, signatures), expected, `${tcId} ${comment}`)
        assert.equal(await passes(jws, whole), false, `${tcId} ${comment} is no token: its payload is no claims`)
        judged[result]++
      }
    }
    assert.ok(judged.invalid >= 19 && judged.valid >= 3, JSON.stringify(judged))
  })
}

test('every algorithm is one of the vectors’ families', () => {
  const families = new Set(signatureAlgorithms.map((algorithm: SignatureAlgorithm) => algorithm.slice(0, 2)))
  assert.deepEqual([...families], ['HS', 'RS', 'PS', 'ES', 'Ed'])
})
