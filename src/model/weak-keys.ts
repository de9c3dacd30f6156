import type { KeyObject } from 'node:crypto'

/**
 * Primes by which a modulus of CVE-2017-15361 (ROCA) leaves a power of 65537: the fingerprint of its discoverers
 * (Nemec and others, "The Return of Coppersmith's Attack", section 2.2).
 */
const primes = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157]

/** RFC 7518 section 3.3. */
export const leastRsaBits = 2048

/** Whether an RSA key can be broken or is none: too short, an exponent below 3 or even, or made by a chip that is known for it. */
export function isWeakRsa(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < leastRsaBits || publicExponent < 3n || publicExponent % 2n === 0n) return true
  const modulus = BigInt(`0x${Buffer.from(String(key.export({ format: 'jwk' }).n), 'base64url').toString('hex')}`)
  return primes.every(prime => powers(65537 % prime, prime).has(Number(modulus % BigInt(prime))))
}

function powers(base: number, prime: number): Set<number> {
  const found = new Set<number>()
  for (let power = base; !found.has(power); power = (power * base) % prime) found.add(power)
  return found
}
