import type { KeyObject } from 'node:crypto'
import { isWeakRsa } from './weak-keys.ts'

/** The signatures of tokens that are understood (RFC 7518 section 3.1, RFC 8037): never `none`. */
export const signatureAlgorithms = [
  ...(['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const)
] as const
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number]

const rsa: readonly SignatureAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const byCurve = new Map<string | undefined, SignatureAlgorithm>([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512']
])

/** What a public key can verify; nothing for a key of another kind or curve, and for a weak one. */
export function algorithmsOf(key: KeyObject): readonly SignatureAlgorithm[] {
  const { asymmetricKeyType, asymmetricKeyDetails } = key
  switch (asymmetricKeyType) {
    case 'rsa':
      return isWeakRsa(key) ? [] : rsa
    case 'ec': {
      const algorithm = byCurve.get(asymmetricKeyDetails?.namedCurve)
      return algorithm === undefined ? [] : [algorithm]
    }
    case 'ed25519':
    case 'ed448':
      return ['EdDSA']
    default:
      return []
  }
}

/** Whether an algorithm needs a shared secret. */
export const isSymmetric = (algorithm: SignatureAlgorithm) => algorithm.startsWith('HS')

/** How long the secret of an HS algorithm is at least, in bytes: as long as its hash (RFC 7518 section 3.2). */
export const leastSecretBytes = (algorithm: SignatureAlgorithm) => Number(algorithm.slice(2)) / 8
