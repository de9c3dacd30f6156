import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from './doors.ts'

/**
 * Says what proves a name to an ACME server (RFC 8555 section 8.3), once it is known; where nothing is, `serve` has the request.
 * `answered` is told of the status.
 */
export async function answerChallenge(
  proof: Promise<string | undefined>,
  request: IncomingMessage,
  response: ServerResponse,
  serve: App,
  answered: (method: string, status: number) => void
): Promise<void> {
  const text = await proof
  // The client went in the meantime.
  if (response.destroyed) return
  if (text === undefined) {
    serve(request, response)
    return
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': Buffer.byteLength(text) }).end(text)
  answered(request.method ?? '', 200)
}
