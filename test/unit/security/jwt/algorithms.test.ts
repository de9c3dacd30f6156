import assert from 'node:assert/strict'
import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import { makeVerify } from '../../../../src/jwt-keys.ts'
import {
  algorithmsOf,
  isSymmetric,
  type SignatureAlgorithm,
  signatureAlgorithms
} from '../../../../src/model/signature-algorithms.ts'
import { claims, secret } from '../../../support/tokens.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pairs: Readonly<Record<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>> = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
  Ed448: generateKeyPairSync('ed448')
}

const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()

/** A signature as RFC 7518 section 3 and RFC 8037 have it, by Node alone. */
function signature(algorithm: SignatureAlgorithm, input: string, key: KeyObject): string {
  const data = Buffer.from(input)
  const hash = `sha${algorithm.slice(2)}`
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return createHmac(hash, secret).update(data).digest('base64url')
    case 'PS': {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      return sign(hash, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }).toString('base64url')
    }
    case 'Ed':
      return sign(null, data, key).toString('base64url')
    default:
      return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  }
}

function signed(algorithm: SignatureAlgorithm, key: KeyObject): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: algorithm })}.${encode(claims())}`
  return `${input}.${signature(algorithm, input, key)}`
}

/** The first character of the signature is another. */
const tampered = (token: string) => token.replace(/\.([^.])([^.]*)$/, (_, first, rest) => `.${first === 'A' ? 'B' : 'A'}${rest}`)

for (const name of [...signatureAlgorithms, 'Ed448'] as const) {
  test(`${name}: its own signature is good, a changed one is not`, async () => {
    const algorithm = name === 'Ed448' ? 'EdDSA' : name
    const { privateKey, publicKey } = pairs[name] ?? rsa
    if (!isSymmetric(algorithm)) assert.ok(algorithmsOf(publicKey).includes(algorithm))
    const verify = await makeVerify({ key: isSymmetric(algorithm) ? secret : pem(publicKey), algorithms: [algorithm] })
    const token = signed(algorithm, privateKey)
    verify(token)
    assert.throws(() => verify(tampered(token)))
    assert.throws(() => verify(token.slice(0, token.lastIndexOf('.') + 1)))
  })
}

test('a key verifies nothing by the algorithm of another', async () => {
  for (const [name, { publicKey }] of Object.entries(pairs)) {
    const fitting = algorithmsOf(publicKey)
    assert.equal(fitting.length, 1, name)
    const verify = await makeVerify({ key: pem(publicKey), algorithms: fitting })
    for (const [other, { privateKey }] of Object.entries(pairs)) {
      const algorithm = other === 'Ed448' ? 'EdDSA' : (other as SignatureAlgorithm)
      if (other !== name) assert.throws(() => verify(signed(algorithm, privateKey)), `${other} by ${name}`)
    }
  }
})
