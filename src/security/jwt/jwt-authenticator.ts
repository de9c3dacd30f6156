import type { Authenticator, CredentialRequest, Identification, RefusalReason } from '../../model/authenticator.ts'
import { type ClaimRules, claimFault, consumerOf, goodUntil } from './claims.ts'
import type { Found, KeySource } from './key-set.ts'
import { longestToken, readClaims, readHeader } from './token.ts'
import { TokenCache } from './token-cache.ts'
import type { Shown } from './token-place.ts'

export interface JwtParts {
  readonly name: string
  readonly keys: KeySource
  readonly rules: ClaimRules
  readonly shown: (request: CredentialRequest) => Shown
  /** How many verified tokens are remembered. */
  readonly cache: number
  /** As an authenticator says it. */
  readonly keepsBack?: Authenticator['keepsBack']
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
}

const absent: Identification = { kind: 'absent' }
const refusals = {
  malformed: refused('malformed'),
  invalid: refused('invalid'),
  unavailable: refused('unavailable')
}

function refused(reason: RefusalReason): Identification {
  return { kind: 'refused', reason }
}

/** Finds out who sends a request by a JSON Web Token (RFC 7519, RFC 8725). A token that was verified before costs a look-up. */
export class JwtAuthenticator implements Authenticator {
  readonly kind = 'jwt'
  readonly name: string
  readonly keepsBack: Authenticator['keepsBack']
  readonly #parts: JwtParts
  readonly #cache: TokenCache

  constructor(parts: JwtParts) {
    this.name = parts.name
    this.keepsBack = parts.keepsBack
    this.#parts = parts
    this.#cache = new TokenCache(parts.cache)
  }

  /** RFC 6750 section 3: no error where nothing was shown. */
  challenge(reason?: RefusalReason): string {
    if (reason === undefined || reason === 'missing') return 'Bearer realm="evergate"'
    return `Bearer realm="evergate", error="${reason === 'scope' ? 'insufficient_scope' : 'invalid_token'}"`
  }

  identify(request: CredentialRequest): Identification | Promise<Identification> {
    const shown = this.#parts.shown(request)
    if (shown === undefined) return absent
    if (shown === 'malformed' || shown.token.length > longestToken) return refusals.malformed
    const { token } = shown
    const known = this.#cache.get(token, this.#parts.wallClock())
    return known === undefined ? this.#verify(token) : known.identification
  }

  #verify(token: string): Identification | Promise<Identification> {
    const header = readHeader(token)
    if (header === undefined) return refusals.malformed
    const found = this.#parts.keys.find(header)
    return found instanceof Promise ? found.then(keys => this.#by(keys, token)) : this.#by(found, token)
  }

  #by(keys: Found, token: string): Identification {
    if (keys === 'unavailable') return refusals.unavailable
    const key = keys.find(({ verify }) => isVerified(token, verify))
    if (key === undefined) return refusals.invalid
    const claims = readClaims(token)
    if (claims === undefined) return refusals.malformed
    const fault = claimFault(claims, this.#parts.rules, this.#parts.wallClock())
    if (fault !== undefined) return refused(fault)
    const identification: Identification = { kind: 'consumer', consumer: consumerOf(claims) }
    this.#cache.set(token, { identification, key, until: goodUntil(claims) })
    return identification
  }
}

function isVerified(token: string, verify: (token: string) => void): boolean {
  try {
    verify(token)
    return true
  } catch {
    return false
  }
}
