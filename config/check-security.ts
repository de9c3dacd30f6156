import { createPublicKey, type KeyObject } from 'node:crypto'
import { algorithmsOf, isSymmetric, leastSecretBytes } from '../src/model/signature-algorithms.ts'
import { leastRsaBits } from '../src/model/weak-keys.ts'
import type { Draft } from './draft.ts'
import { entriesOf, valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import { type FilledJwt, verifiersOf } from './resolve-security.ts'

const keys = ['secret', 'publicKey', 'jwks'] as const
const longestToleranceMs = 60_000

/** Each verifier has one key, and no algorithm that such a key must not be used with. */
export function checkSecurity({ input, top }: Draft, report: Report): void {
  const { nested, all } = verifiersOf(top.security)
  const own = valueAt(valueAt(input, 'security'), 'jwt')
  for (const [name, jwt] of all) {
    const path: Path = ['security', 'jwt', ...(nested ? [name] : [])]
    checkVerifier(jwt, nested ? valueAt(own, name) : own, path, report)
  }
}

function checkVerifier(jwt: FilledJwt, written: unknown, path: Path, report: Report): void {
  const named = keys.filter(key => valueAt(written, key) !== undefined)
  const which = 'accepted: one of secret, publicKey, jwks'
  if (named.length === 0) report.add(path, `does not say by which key tokens are verified; ${which}`)
  if (named.length > 1) report.add(path, `has ${named.join(' and ')}; ${which}`)
  if ((jwt.clockTolerance ?? 0) > longestToleranceMs)
    report.add([...path, 'clockTolerance'], 'a token would be good for long after its end; accepted: at most 60s')
  const stands = jwt.header !== false || jwt.cookie !== undefined || jwt.query !== undefined
  if (!stands) report.add([...path, 'header'], 'a token can stand nowhere; accepted: a header, or with false a cookie or query')
  if (named.length !== 1) return
  if (jwt.secret !== undefined) checkSecret(jwt.secret, jwt, path, report)
  else if (jwt.publicKey !== undefined) checkPublicKey(jwt.publicKey.pem, jwt, path, report)
  else if (jwt.jwks !== undefined) checkAsymmetric(jwt, path, report)
}

/** A public key is no secret: whoever knows it could sign (CVE-2015-9235 and its kin). */
function checkSecret(secret: string, { algorithms = ['HS256'] }: FilledJwt, path: Path, report: Report): void {
  const at = [...path, 'secret']
  if (secret.includes('-----BEGIN ') || looksLikeJwk(secret)) {
    report.add(at, 'is a key of an asymmetric algorithm, which is no shared secret; accepted: publicKey for it, or a secret text')
    return
  }
  for (const [index, algorithm] of algorithms.entries()) {
    if (algorithm === undefined) continue
    if (!isSymmetric(algorithm))
      report.add([...path, 'algorithms', index], `${algorithm} is not for a secret; accepted with a secret: HS256, HS384, HS512`)
    else if (Buffer.byteLength(secret) < leastSecretBytes(algorithm))
      report.add(
        at,
        `has ${Buffer.byteLength(secret)} bytes, too short for ${algorithm} (RFC 7518 section 3.2); accepted: at least ${leastSecretBytes(algorithm)} bytes`
      )
  }
}

function looksLikeJwk(secret: string): boolean {
  try {
    const parsed: unknown = JSON.parse(secret)
    return entriesOf(parsed).some(([key]) => key === 'kty' || key === 'keys')
  } catch {
    return false
  }
}

function checkAsymmetric({ algorithms = [] }: FilledJwt, path: Path, report: Report): boolean {
  const wrong = algorithms.findIndex(algorithm => algorithm !== undefined && isSymmetric(algorithm))
  if (wrong >= 0)
    report.add(
      [...path, 'algorithms', wrong],
      `${algorithms[wrong]} needs a secret, and a public key is none; accepted: RS, PS, ES and EdDSA algorithms`
    )
  return wrong < 0
}

function checkPublicKey(pem: string, jwt: FilledJwt, path: Path, report: Report): void {
  const at = [...path, 'publicKey']
  const key = publicKeyOf(pem)
  if (key === undefined) {
    report.add(at, 'is no public key; accepted: PEM text that begins with -----BEGIN PUBLIC KEY----- or is a certificate')
    return
  }
  const fitting = algorithmsOf(key)
  if (fitting.length === 0) {
    report.add(
      at,
      `is weak, or of a kind that no algorithm fits; accepted: RSA of ${leastRsaBits} bits or more, P-256, P-384, P-521, Ed25519, Ed448`
    )
    return
  }
  if (!checkAsymmetric(jwt, path, report)) return
  for (const [index, algorithm] of (jwt.algorithms ?? []).entries()) {
    if (algorithm !== undefined && !fitting.includes(algorithm))
      report.add([...path, 'algorithms', index], `${algorithm} does not fit the public key; accepted: ${fitting.join(', ')}`)
  }
}

/** Undefined for a private key too, which has no place in a gateway. */
function publicKeyOf(pem: string): KeyObject | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return undefined
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}
