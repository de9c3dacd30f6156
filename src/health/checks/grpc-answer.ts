import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import type { CheckResult } from '../check.ts'
import { failed } from './failure.ts'
import { servingStatus, servingStatusOf } from './grpc-messages.ts'

/** An answer is a few bytes; what is longer is something else. */
const longestBytes = 16 * 1024

/** Names of grpc-status, by their number. */
const statusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED'
]

/** What comes back on the stream of a health call. */
export class GrpcAnswer {
  /** The stream has ended as it should. */
  complete = false
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #headers: IncomingHttpHeaders = {}
  #trailers: IncomingHttpHeaders = {}

  constructor(stream: ClientHttp2Stream) {
    stream.once('response', headers => (this.#headers = headers))
    stream.once('trailers', trailers => (this.#trailers = trailers))
    stream.once('end', () => (this.complete = true))
    stream.on('data', chunk => {
      this.#bytes += chunk.length
      if (this.#bytes <= longestBytes) this.#chunks.push(Buffer.from(chunk))
    })
  }

  get begun(): boolean {
    return this.#headers[':status'] !== undefined
  }

  judge(): CheckResult {
    const httpStatus = this.#headers[':status']
    if (String(httpStatus) !== '200') return failed('status', `status ${httpStatus}`)
    const grpcStatus = this.#trailers['grpc-status'] ?? this.#headers['grpc-status']
    if (grpcStatus === undefined) return failed('protocol', 'no gRPC: the answer has no grpc-status')
    if (grpcStatus !== '0') return failed('status', statusNames[Number(grpcStatus)] ?? `grpc-status ${grpcStatus}`)
    const serving = servingStatusOf(Buffer.concat(this.#chunks))
    if (serving === undefined || this.#bytes > longestBytes) return failed('protocol', 'the answer is no health status')
    const text = servingStatus[serving] ?? `serving status ${serving}`
    return text === 'SERVING' ? { ok: true, text } : failed('status', text)
  }
}
