import type { RefusalReason } from '../../model/authenticator.ts'
import type { Consumer } from '../../model/consumer.ts'
import type { Claims } from './token.ts'

/** What must hold for the claims of a token whose signature is good. */
export interface ClaimRules {
  /** Empty: any, or none. */
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  /** Besides `exp`. */
  readonly required: readonly string[]
  /** How far the issuer's clock may be off, in milliseconds. */
  readonly toleranceMs: number
}

/** Why a token is not accepted; undefined: it is. `now` is milliseconds since 1970. */
export function claimFault(claims: Claims, rules: ClaimRules, now: number): RefusalReason | undefined {
  const { exp, nbf = 0, iat = 0, iss, aud } = claims
  // RFC 7519 section 2: NumericDate. A token that never ends cannot be taken back.
  if (!isNumber(exp) || !isNumber(nbf) || !isNumber(iat)) return 'malformed'
  if (now >= exp * 1000 + rules.toleranceMs) return 'expired'
  if (now < nbf * 1000 - rules.toleranceMs) return 'invalid'
  if (rules.issuers.length > 0 && !(typeof iss === 'string' && rules.issuers.includes(iss))) return 'invalid'
  const audiences: unknown[] = [aud].flat()
  if (rules.audiences.length > 0 && !rules.audiences.some(audience => audiences.includes(audience))) return 'invalid'
  if (!rules.required.every(claim => Object.hasOwn(claims, claim) && claims[claim] !== null)) return 'invalid'
  return undefined
}

/** Numbers that JSON can write and nobody can compare are none. */
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** When the claims must be looked at again, in milliseconds since 1970: they are good at least so long, and never after `exp`. */
export const goodUntil = ({ exp }: Claims): number => (isNumber(exp) ? exp * 1000 : 0)

/** Who a token speaks of. */
export function consumerOf(claims: Claims): Consumer {
  const { iss } = claims
  return {
    name: nameOf(claims),
    kind: 'jwt',
    scopes: scopesOf(claims),
    labels: typeof iss === 'string' ? { issuer: iss } : {},
    claims
  }
}

/** The subject, or where a token has none the client that it was issued to (RFC 9068 section 2.2). */
function nameOf({ sub, client_id, azp }: Claims): string {
  const name = [sub, client_id, azp].find(each => (typeof each === 'string' && each !== '') || typeof each === 'number')
  return name === undefined ? 'unnamed' : String(name)
}

/** `scope` separates by spaces (RFC 8693 section 4.2); `scp` and `scopes` are what other issuers write, as a list or a text. */
function scopesOf({ scope, scp, scopes }: Claims): ReadonlySet<string> {
  const written: unknown[] = [scope ?? scp ?? scopes ?? []].flat()
  return new Set(written.flatMap(each => (typeof each === 'string' ? each.split(' ').filter(name => name !== '') : [])))
}
