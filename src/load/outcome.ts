/** Why there was no answer: nobody listens, the connection broke, it took too long, or something else. */
export type LoadFailure = 'refused' | 'reset' | 'timeout' | 'other'

/** What a request of the load came to. `reason` is for people. */
export type LoadOutcome =
  | { readonly kind: 'answer'; readonly status: number }
  | { readonly kind: 'failure'; readonly failure: LoadFailure; readonly reason: string }

const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL'])
const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
const TIMEOUT = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** The code of an error, or that of the first error inside an AggregateError (one for each address that was tried). */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0 && !('code' in error)) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Sorts what a socket or undici reports into the kinds of failure. */
export function failureOf(error: unknown): LoadOutcome {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const reason = message || code
  if (REFUSED.has(code)) return { kind: 'failure', failure: 'refused', reason }
  if (RESET.has(code)) return { kind: 'failure', failure: 'reset', reason }
  if (TIMEOUT.has(code)) return { kind: 'failure', failure: 'timeout', reason }
  return { kind: 'failure', failure: 'other', reason }
}
