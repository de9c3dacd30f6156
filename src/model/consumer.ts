/** The ways to show who one is, by the names that configuration, metrics and logs use. */
export const credentialKinds = ['jwt', 'apiKey', 'basic', 'introspection', 'certificate', 'service'] as const
export type CredentialKind = (typeof credentialKinds)[number]

/** How many requests a consumer may send, wherever a rate limit counts consumers: in place of the number and window of that limit. */
export interface OwnLimit {
  /** 1 at least. */
  readonly limit: number
  /** Milliseconds, above 0. */
  readonly windowMs: number
}

/** Who sends a request: what every kind of credential ends in, and what limits, headers and logs refer to. */
export interface Consumer {
  /** The subject of a token, the name of a key or of a user. */
  readonly name: string
  readonly kind: CredentialKind
  readonly scopes: ReadonlySet<string>
  readonly labels: Readonly<Record<string, string>>
  /** What a token, an introspection, a service or a certificate says of it; empty for other kinds. */
  readonly claims: Readonly<Record<string, unknown>>
  /** Absent: what the limits of a route say. */
  readonly limit?: OwnLimit
}
