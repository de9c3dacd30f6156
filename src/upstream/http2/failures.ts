import { constants } from 'node:http2'
import { UpstreamFailure } from '../../model/upstream-failure.ts'

/** What is known of a stream that ended without a whole answer. */
export interface BrokenStream {
  /** What Node says, if anything. */
  readonly error: unknown
  /** Of RST_STREAM, either side's. */
  readonly resetCode: number
  /** Some of the answer has come. */
  readonly answered: boolean
  /** The peer has said, by GOAWAY, that it did nothing with this stream. */
  readonly leftOut: boolean
}

const protocolCodes: ReadonlySet<number> = new Set([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_SETTINGS_TIMEOUT,
  constants.NGHTTP2_STREAM_CLOSED,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
  constants.NGHTTP2_HTTP_1_1_REQUIRED
])

/** The session had ended, or has no stream numbers left, before a stream could be opened. */
const neverOpened: ReadonlySet<string> = new Set([
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_OUT_OF_STREAMS'
])

/** What the end of a stream means: RFC 9113 sections 5.4, 6.8, 7 and 8.7. */
export function streamFailure({ error, resetCode, answered, leftOut }: BrokenStream): UpstreamFailure {
  const refused = leftOut || resetCode === constants.NGHTTP2_REFUSED_STREAM || neverOpened.has(codeOf(error))
  if (refused && !answered) return new UpstreamFailure('refused', 'the stream was not processed', { unprocessed: true })
  return breaksProtocol(error, resetCode)
    ? new UpstreamFailure('protocol', 'the answer is not HTTP/2 as it should be')
    : new UpstreamFailure('reset', 'the stream was reset')
}

/** What the end of a connection means that was never ready for requests. */
export function sessionFailure(error: unknown): UpstreamFailure {
  return breaksProtocol(error, 0)
    ? new UpstreamFailure('protocol', 'HTTP/2 is not spoken there')
    : new UpstreamFailure('refused', 'the connection ended before it could be used')
}

/** Node says ERR_HTTP2_ERROR for what its parser refuses, and names the code of a GOAWAY in words. */
function breaksProtocol(error: unknown, resetCode: number): boolean {
  if (protocolCodes.has(resetCode)) return true
  const code = codeOf(error)
  if (code === 'ERR_HTTP2_SESSION_ERROR') return protocolCodes.has(Number(/(\d+)\s*$/.exec(String(error))?.[1]))
  return code === 'ERR_HTTP2_ERROR'
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : ''
