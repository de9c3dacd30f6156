import type { Identification } from '../../model/authenticator.ts'
import type { TokenKey } from './key.ts'

/** A token that was verified, and what came of it. */
export interface VerifiedToken {
  readonly identification: Identification
  readonly key: TokenKey
  /** Milliseconds since 1970; never after the `exp` of the token. */
  readonly until: number
}

/**
 * Remembers verified tokens, at most as many as it is told, in two generations: when the younger is half of them, the older is
 * forgotten. Nothing is moved for a token that is asked for again and again, as it would be in a list by use. Only a token whose
 * signature is good gets in, so that nobody without one can drive others out.
 */
export class TokenCache {
  #young = new Map<string, VerifiedToken>()
  #old = new Map<string, VerifiedToken>()
  readonly #half: number

  constructor(most: number) {
    this.#half = Math.floor(most / 2)
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Undefined also where the token has ended, or the issuer has taken back the key. */
  get(token: string, now: number): VerifiedToken | undefined {
    const young = this.#young.get(token)
    const found = young ?? this.#old.get(token)
    if (found === undefined || now >= found.until || found.key.withdrawn) return undefined
    if (young === undefined) {
      this.#old.delete(token)
      this.set(token, found)
    }
    return found
  }

  set(token: string, verified: VerifiedToken): void {
    if (this.#half === 0) return
    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(token, verified)
  }
}
