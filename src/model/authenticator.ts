import type { IncomingHttpHeaders } from 'node:http'
import type { ClientCertificate } from './client-certificate.ts'
import type { Consumer, CredentialKind } from './consumer.ts'
import type { CredentialPlaces } from './kept-back.ts'

/** What of a request is looked at to find out who sends it. */
export interface CredentialRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** With its question mark, or nothing. */
  readonly search: string
  readonly path: string
  readonly host: string
  readonly ip: string
  /** What the connection has shown, where its listener asks for one and trusts it. */
  readonly certificate?: ClientCertificate | undefined
}

/** Why a credential is not accepted: a bounded set, for metrics. */
export type RefusalReason = 'missing' | 'malformed' | 'invalid' | 'expired' | 'revoked' | 'scope' | 'unavailable'

/** What came of looking. `absent`: the request shows no credential of this kind. */
export type Identification =
  | { readonly kind: 'consumer'; readonly consumer: Consumer }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

/** One way to find out who sends a request. */
export interface Authenticator {
  readonly kind: CredentialKind
  /** Where the configuration has several of the kind. */
  readonly name?: string
  /** Where its credentials stand, if good ones do not go on to the upstream; undefined: they go on as they came. */
  readonly keepsBack?: CredentialPlaces | undefined
  /** For WWW-Authenticate (RFC 9110 section 11.6.1); `reason` is absent where nothing was shown. Undefined: the kind has none. */
  challenge(reason?: RefusalReason): string | undefined
  /** At once where nobody has to be asked. Never throws, never rejects. */
  identify(request: CredentialRequest): Identification | Promise<Identification>
}

/** What a route asks of who uses it. */
export interface RouteAuth {
  readonly authenticators: readonly Authenticator[]
  /** Whether one of them keeps its credentials back. */
  readonly keepsBack?: boolean
  /** One of them is enough, or all are needed. */
  readonly require: 'any' | 'all'
  /** All of these. */
  readonly scopes: readonly string[]
  /** Each claim has this value, or has it among its values. */
  readonly claims: readonly (readonly [claim: string, value: unknown])[]
  /** What the upstream is told of the consumer. */
  readonly forward: readonly (readonly [claim: string, header: string])[]
  /** Decides and reports, and refuses nobody. */
  readonly observe: boolean
}
