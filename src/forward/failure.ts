import type { ErrorCode } from '../model/errors.ts'
import type { FailureReason, Outcome } from '../model/outcome.ts'
import { UpstreamFailure } from '../model/upstream-failure.ts'

const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  // Of sockets in the file system: none there, not ours, no socket for streams, or its queue is full.
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EPROTOTYPE',
  'EAGAIN'
])
const protocolErrors: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'
])

/**
 * What kind of failure an error of undici, Node or OpenSSL is. `connected` says whether the request had begun to be written:
 * what comes before is a failed connection, whatever its name.
 */
export function failureReason(error: unknown, connected: boolean): FailureReason {
  if (error instanceof UpstreamFailure) return error.reason
  const code = codeOf(error)
  if (!connected) {
    if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'connect-timeout'
    return unreachable.has(code) || code === '' || code.startsWith('ECONN') || code.startsWith('UND_ERR') ? 'refused' : 'tls'
  }
  if (code === 'ETIMEDOUT' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timeout'
  return protocolErrors.has(code) || code.startsWith('HPE_') || isParserError(error) ? 'protocol' : 'reset'
}

/** The target has said that it did nothing with what was sent. */
export const isUnprocessed = (error: unknown): boolean => error instanceof UpstreamFailure && error.unprocessed

/** Errors of undici's parser have a name and, although there is a field for it, no code. */
const isParserError = (error: unknown) => error instanceof Error && error.name === 'HTTPParserError'

/** Addresses that were all tried come as an AggregateError of one error each. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError ? codeOf(error.errors[0]) : ''
}

/** What the client is told when no attempt brought an answer. */
export function failureCode(outcome: Outcome, deadlinePassed: boolean): ErrorCode {
  if (deadlinePassed) return 'EG_TIMEOUT'
  return outcome.kind === 'failure' && outcome.reason === 'timeout' ? 'EG_TIMEOUT' : 'EG_UPSTREAM_FAILED'
}
