import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions
} from 'node:http2'
import type { TestScope } from '../../src/testing.ts'

/** An answer that came in a stream of HTTP/2, however it ended. */
export interface StreamAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly trailers: IncomingHttpHeaders
  readonly informational: readonly IncomingHttpHeaders[]
  /** 0: it ended well, or was told not to send the rest. */
  readonly resetBy: number
}

/** A client's session, which goes with the test. Its errors are for the streams to tell. */
export async function http2To(
  t: TestScope,
  url: string,
  options: ClientSessionOptions | SecureClientSessionOptions = {}
): Promise<ClientHttp2Session> {
  const session = connect(url, { rejectUnauthorized: false, ...options })
  session.on('error', () => {})
  t.after(async () => session.destroy())
  await once(session, 'connect')
  return session
}

/** Opens a stream; `body` undefined ends it with its headers, null leaves it open. */
export function opened(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
  body?: string | Buffer | null
): ClientHttp2Stream {
  const stream = session.request({ ':path': '/', ...headers }, { endStream: body === undefined })
  stream.on('error', () => {})
  if (body !== undefined && body !== null) stream.end(body)
  return stream
}

/** Reads what comes in a stream until it is closed. */
export async function answerOf(stream: ClientHttp2Stream): Promise<StreamAnswer> {
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  const informational: IncomingHttpHeaders[] = []
  const chunks: Buffer[] = []
  stream.on('headers', each => informational.push(each))
  stream.on('response', each => {
    headers = each
  })
  stream.on('trailers', each => {
    trailers = each
  })
  stream.on('data', chunk => chunks.push(Buffer.from(chunk)))
  if (!stream.closed || !stream.destroyed) await new Promise(resolve => stream.once('close', resolve))
  const text = Buffer.concat(chunks).toString()
  return { status: Number(headers[':status'] ?? 0), headers, text, trailers, informational, resetBy: stream.rstCode ?? 0 }
}

/** Asks in a stream of its own and reads the whole answer. */
export const askIn = (session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}, body?: string | Buffer) =>
  answerOf(opened(session, headers, body))
