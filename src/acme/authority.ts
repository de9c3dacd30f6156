import type { ProofBoard } from './challenges.ts'

/** One certificate to be had. */
export interface CertificateOrder {
  readonly domains: readonly string[]
  readonly email: string | undefined
  /** PEM. */
  readonly accountKey: string
  readonly board: ProofBoard
  /** Ends it: what is under way rejects. */
  readonly signal: AbortSignal
}

/** Who issues certificates. */
export interface Authority {
  /** A key for a new account, as PEM. */
  newAccountKey(): Promise<string>
  /** Resolves with the chain, leaf first, and the key of the leaf, as PEM. Rejects with an AuthorityError or another that says why. */
  issue(order: CertificateOrder): Promise<{ readonly cert: string; readonly key: string }>
  close(): Promise<void>
}

/** The authority says no. */
export class AuthorityError extends Error {
  /** How long it wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs = 0) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** In one line of bounded length, and without the token of a challenge. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text
    .replace(/(acme-challenge\/)[\w-]+/g, '$1***')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .slice(0, 400)
}
