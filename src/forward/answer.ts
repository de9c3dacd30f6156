import type { IncomingHttpHeaders } from 'node:http'
import type { ResponseFields } from './response-headers.ts'

/** An answer that is complete, ready for the client. */
export interface Answer {
  readonly status: number
  readonly fields: ResponseFields
  /** Undefined is none, as for HEAD. */
  readonly body: Buffer | undefined
}

/** True for an answer that has no body, or one of known length that is at most `limitBytes`. */
export function isSmall(method: string | undefined, status: number, headers: IncomingHttpHeaders, limitBytes: number): boolean {
  if (method === 'HEAD' || status === 204 || status === 304) return true
  const length = headers['content-length']
  return length !== undefined && headers['transfer-encoding'] === undefined && Number(length) <= limitBytes
}

/** One buffer of what came; most answers came in one. */
export function joined(chunks: readonly Buffer[]): Buffer | undefined {
  return chunks.length > 1 ? Buffer.concat(chunks) : chunks[0]
}
