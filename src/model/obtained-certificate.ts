/** A certificate that somebody obtains and renews while it is in use. */
export interface ObtainedCertificate {
  /** PEM of the chain, and of the key of its first; undefined: there is none yet. */
  readonly current: { readonly cert: string; readonly key: string } | undefined
  onChange(listener: () => void): void
}
