/** Why an attempt failed, without a word about where. */
export type FailureReason =
  /** No connection: refused, unreachable, name not found; or an HTTP/2 stream that the target did nothing with. */
  | 'refused'
  /** No connection within `timeouts.connect`. */
  | 'connect-timeout'
  /** The certificate is not trusted, or the handshake failed. */
  | 'tls'
  /** The connection broke before the answer was complete. */
  | 'reset'
  /** No answer, or no more of it, in time. */
  | 'timeout'
  /** What came back is not HTTP as it should be. */
  | 'protocol'

/** What one attempt came to. */
export type Outcome =
  /** An answer, complete or on its way to the client. `retryAfterMs` is what its Retry-After asks for; Infinity: never. */
  | { readonly kind: 'response'; readonly status: number; readonly retryAfterMs?: number | undefined }
  /** `sent` is false only if it is certain that no byte of the request left, or that the target did nothing with it. */
  | { readonly kind: 'failure'; readonly reason: FailureReason; readonly sent: boolean }
  /**
   * Given up for a reason that is not the target's: the client left, its request was bad, or another attempt answered.
   * `overtaken`: by one that began later.
   */
  | { readonly kind: 'aborted'; readonly overtaken?: boolean }

/** A short name for logs and metrics: the status, the reason, or `aborted`. */
export function outcomeName(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'response':
      return String(outcome.status)
    case 'failure':
      return outcome.reason
    case 'aborted':
      return 'aborted'
  }
}
