import type { IncomingHttpHeaders } from 'node:http'
import { grpcMeaning, pushbackMs } from '../model/grpc-status.ts'
import type { Outcome } from '../model/outcome.ts'
import { retryAfterMs } from '../model/retry-after.ts'
import type { ResponseFields } from './response-headers.ts'

/** An answer that is complete, ready for the client. */
export interface Answer {
  readonly status: number
  readonly fields: ResponseFields
  /** Undefined is none, as for HEAD. */
  readonly body: Buffer | undefined
}

/** What an answer comes to, by its head alone. `wallClock` in milliseconds since 1970. */
export function outcomeOf(status: number, headers: IncomingHttpHeaders, wallClock: () => number): Outcome {
  // A gRPC answer without a message has its status among the headers.
  const meant = grpcMeaning(status, headers, headers) ?? status
  const askedMs = meant < 400 ? undefined : (pushbackMs(status, headers) ?? retryAfterMs(headers['retry-after'], wallClock()))
  return { kind: 'response', status: meant, retryAfterMs: askedMs }
}

/** True for an answer that has no body, or one of known length that is at most `limitBytes`. */
export function isSmall(method: string | undefined, status: number, headers: IncomingHttpHeaders, limitBytes: number): boolean {
  if (method === 'HEAD' || status === 204 || status === 304) return true
  const length = headers['content-length']
  return length !== undefined && headers['transfer-encoding'] === undefined && Number(length) <= limitBytes
}

/** What was gathered of an answer that has come to its end. */
export function wholeAnswer({ status, fields, chunks, gatheredBytes }: Gathered): Answer {
  // It goes out with its length, beside which Node refuses to announce trailers.
  if ('trailer' in fields) delete fields['trailer']
  if (chunks.length > 0) fields['content-length'] ??= String(gatheredBytes)
  // Most answers come in one piece.
  return { status, fields, body: chunks.length > 1 ? Buffer.concat(chunks) : chunks[0] }
}

interface Gathered extends Pick<Answer, 'status' | 'fields'> {
  readonly chunks: readonly Buffer[]
  readonly gatheredBytes: number
}
