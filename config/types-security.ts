import type { CredentialSettings } from '../src/credentials/options.ts'
import type { CredentialKind } from '../src/model/consumer.ts'
import type { SignatureAlgorithm } from '../src/model/signature-algorithms.ts'

/** One way to show who one is; `name` where security has several of the kind. */
export interface WayConfig {
  readonly kind: CredentialKind
  readonly name?: string
}

/** What a route asks of who uses it. `forward` is headers by claim. */
export interface AuthConfig {
  readonly ways: readonly WayConfig[]
  readonly require: 'any' | 'all'
  readonly scopes: readonly string[]
  readonly claims: Readonly<Record<string, string | number | boolean>>
  readonly forward: Readonly<Record<string, string>>
  readonly mode: 'enforce' | 'observe'
}

/** One verifier of JSON Web Tokens. Empty lists of issuers and audiences accept any. */
export interface JwtConfig {
  readonly name: string
  readonly issuer: readonly string[]
  readonly audience: readonly string[]
  readonly algorithms: readonly SignatureAlgorithm[]
  /** PEM text, or the URL of a key set. */
  readonly by: { readonly secret: string } | { readonly publicKey: string } | { readonly jwks: string }
  /** Milliseconds. */
  readonly clockTolerance: number
  readonly requiredClaims: readonly string[]
  readonly header: string | false
  readonly cookie?: string
  readonly query?: string
  /** Whether upstreams get tokens. */
  readonly passOn: boolean
  /** How many verified tokens are remembered. */
  readonly cache: number
}

/** Who may send requests: each way to show who one is, where it is configured. */
export interface SecurityConfig extends CredentialSettings {
  /** Networks. An empty list of those that may come in is everybody. */
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly jwt: readonly JwtConfig[]
}
