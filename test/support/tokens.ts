import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export type Claims = Readonly<Record<string, unknown>>

/** A shared secret that is long enough for every HS algorithm. */
export const secret = 'a secret of a test that is as long as the longest hash, and then some'

const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** The two segments that are signed; a text stands as it is, for JSON that no object writes. */
const input = (header: Claims | string, claims: Claims | string) => `${encode(header)}.${encode(claims)}`

/** Signed with a secret by the HS algorithm of the given hash, whatever its header says. */
export function hsToken(claims: Claims | string, header: Claims | string = { alg: 'HS256' }, key = secret, bits = 256): string {
  const signed = input(header, claims)
  return `${signed}.${createHmac(`sha${bits}`, key).update(signed).digest('base64url')}`
}

/** Signed with a private key by RS256, ES256 or EdDSA, as the key has it. */
export function keyToken(claims: Claims | string, key: KeyObject, header: Claims | string): string {
  const signed = input(header, claims)
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  return `${signed}.${sign(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export interface Pair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** PEM text. */
  readonly pem: string
  jwk(more?: Claims): Claims
}

/** A key pair, RSA of 2048 bits unless said. */
export function pair(kind: 'rsa' | 'ec' | 'ed25519' = 'rsa'): Pair {
  const { privateKey, publicKey } = made(kind)
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return { privateKey, publicKey, pem, jwk: more => ({ ...publicKey.export({ format: 'jwk' }), ...more }) }
}

function made(kind: 'rsa' | 'ec' | 'ed25519') {
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
}

/** Claims that are good for five minutes. */
export function claims(more: Claims = {}): Claims {
  return { iss: 'https://id.test', aud: 'api', sub: 'ann', exp: Math.floor(Date.now() / 1000) + 300, ...more }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
