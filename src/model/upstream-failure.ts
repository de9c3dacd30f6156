import type { FailureReason } from './outcome.ts'

/** An attempt's failure whose reason is known where it happens. */
export class UpstreamFailure extends Error {
  readonly code = 'EG_UPSTREAM_FAILURE'
  readonly reason: FailureReason
  /** The request was sent, but it is certain that the target did nothing with it (RFC 9113 section 8.7). */
  readonly unprocessed: boolean

  constructor(reason: FailureReason, message: string, { unprocessed = false }: { readonly unprocessed?: boolean } = {}) {
    super(message)
    this.name = 'UpstreamFailure'
    this.reason = reason
    this.unprocessed = unprocessed
  }
}
