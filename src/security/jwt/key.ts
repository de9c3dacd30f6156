import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto'
import { algorithmsOf, type SignatureAlgorithm } from '../../model/signature-algorithms.ts'

/** Throws where the signature of a token is not good, or its algorithm is not the key's. */
export type Verify = (token: string) => void

/** A shared secret or a public key as PEM text, with the algorithms that it is used with, and no others. */
export interface KeyMaterial {
  readonly key: string
  readonly algorithms: readonly SignatureAlgorithm[]
}

/** Makes what verifies by one key. */
export type MakeVerify = (material: KeyMaterial) => Promise<Verify>

/** A key that tokens are verified by. */
export interface TokenKey extends KeyMaterial {
  /** Undefined where the issuer does not name it. */
  readonly kid: string | undefined
  readonly verify: Verify
  /** The issuer publishes it no longer. */
  withdrawn: boolean
}

/** A key of a JSON Web Key Set that may verify tokens. */
export interface PublishedKey extends KeyMaterial {
  readonly kid: string | undefined
}

/**
 * Reads a member of `keys` (RFC 7517); undefined for a key that is not to verify signatures by: of another use, of an algorithm
 * that is not accepted, or of a kind that cannot be read. Of a private key that was published by mistake the public part is taken.
 */
export function readJwk(jwk: unknown, accepted: readonly SignatureAlgorithm[]): PublishedKey | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const { kty, n, e, crv, x, y, kid, alg, use, key_ops: operations } = jwk as Readonly<Record<string, unknown>>
  if (use !== undefined && use !== 'sig') return undefined
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined
  if (kid !== undefined && typeof kid !== 'string') return undefined
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return undefined
  const key = importKey({ kty, n, e, crv, x, y })
  if (key === undefined) return undefined
  const algorithms = algorithmsOf(key).filter(each => accepted.includes(each) && (alg === undefined || alg === each))
  if (algorithms.length === 0) return undefined
  return { kid, algorithms, key: key.export({ type: 'spki', format: 'pem' }).toString() }
}

function importKey(jwk: Readonly<Record<string, unknown>>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' })
  } catch {
    return undefined
  }
}

/** The members of a JSON Web Key Set; undefined for a text that is none. */
export function readKeySet(text: string, accepted: readonly SignatureAlgorithm[]): PublishedKey[] | undefined {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown }
    if (!Array.isArray(keys)) return undefined
    return keys.slice(0, mostKeys).flatMap(jwk => readJwk(jwk, accepted) ?? [])
  } catch {
    return undefined
  }
}

/** No issuer publishes so many. */
const mostKeys = 64
