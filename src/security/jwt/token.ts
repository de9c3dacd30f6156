import { type SignatureAlgorithm, signatureAlgorithms } from '../../model/signature-algorithms.ts'
import { hasUniqueMembers } from './unique-members.ts'

/** Longer tokens are refused unread: a header of that size is no token of anybody's. */
export const longestToken = 8192
/** Longer names of keys are refused. */
const longestKid = 512

/** What a token says of its signature. Nothing of it is to be believed yet; it only helps to find the key. */
export interface TokenHeader {
  readonly algorithm: SignatureAlgorithm
  readonly kid: string | undefined
}

export type Claims = Readonly<Record<string, unknown>>

const compact = /^([\w-]+)\.([\w-]*)\.([\w-]+)$/
const algorithms: ReadonlySet<unknown> = new Set(signatureAlgorithms)

/**
 * Reads the header of a token in compact form (RFC 7515 section 3.1); undefined for what is none, or has a header that cannot be
 * honoured: an unknown algorithm, `none`, critical extensions, a token within the token. `jwk`, `jku`, `x5u` and `x5c` are not
 * read: a token does not say by which key it is verified.
 */
export function readHeader(token: string): TokenHeader | undefined {
  if (token.length > longestToken) return undefined
  const [, written, payload = '', signature = ''] = compact.exec(token) ?? []
  const header = readObject(written)
  if (header === undefined || !isCanonical(payload) || !isCanonical(signature)) return undefined
  if (Object.hasOwn(header, 'crit') || header['b64'] === false) return undefined
  const { alg, kid, cty } = header
  if (!isAlgorithm(alg) || (typeof cty === 'string' && /^(application\/)?jwt$/i.test(cty))) return undefined
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > longestKid)) return undefined
  return { algorithm: alg, kid }
}

/** Reads the claims of a token in compact form; undefined where they are no JSON object that can be read in one way only. */
export function readClaims(token: string): Claims | undefined {
  return readObject(compact.exec(token)?.[2])
}

/** Unused bits of the last character are zero (RFC 4648 section 3.5): what is signed can be written in one way. */
const isCanonical = (segment: string) => Buffer.from(segment, 'base64url').toString('base64url') === segment

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readObject(segment: string | undefined): Claims | undefined {
  if (segment === undefined || !isCanonical(segment)) return undefined
  try {
    const json = utf8.decode(Buffer.from(segment, 'base64url'))
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !hasUniqueMembers(json)) return undefined
    // An object of JSON has names and values.
    return value as Claims
  } catch {
    return undefined
  }
}

const isAlgorithm = (alg: unknown): alg is SignatureAlgorithm => algorithms.has(alg)
