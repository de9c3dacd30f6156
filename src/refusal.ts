import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, errorTable, problemText, problemType } from './model/errors.ts'
import { grpcError, isGrpc } from './model/grpc-answer.ts'
import type { Refusal } from './model/refusal.ts'

/** Of CONNECT: there is no method that would do. */
const noMethod = { allow: '' }

/** Said of a request that no app is asked about; its connection ends with it. */
export function refuse(response: ServerResponse, code: ErrorCode, requestId: string): void {
  const isCall = isGrpc(response.req.headers['content-type'])
  const text = isCall ? undefined : problemText(code, requestId)
  response.shouldKeepAlive = false
  response
    .writeHead(isCall ? 200 : errorTable[code].status, {
      ...(text === undefined ? grpcError(code) : { 'content-type': problemType, 'content-length': Buffer.byteLength(text) }),
      'x-request-id': requestId,
      ...(code === 'EG_METHOD' ? noMethod : {})
    })
    .end(text)
}

/**
 * What Node's parser refuses, told as everything else is, on a connection that ends with it. Undefined when nobody is told: the
 * client has gone, or its answer has begun, or it never sent a byte.
 */
export function refuseBytes(error: ParserError, socket: Socket, requestId: string): Refusal | undefined {
  // Node keeps the response under way there; nothing can be said once it has begun.
  const underWay = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage
  if (error.code === 'ECONNRESET' || !socket.writable || underWay?.headersSent) {
    socket.destroy()
    return undefined
  }
  const code = codeFor(error)
  const refusal = { code, requestId, client: socket.remoteAddress ?? '', underWay: underWay ?? undefined }
  sayProblem(socket, code, requestId)
  // A request of which the rest is nonsense is over, also for the upstream that is being sent it.
  if (underWay) socket.destroySoon()
  // A connection that was opened in advance and never used is no request.
  return socket.bytesRead > 0 ? refusal : undefined
}

/** What is known of a request whose head could be read. */
export function refusalOf({ socket, method, headers, url }: IncomingMessage, code: ErrorCode, requestId: string): Refusal {
  return { code, requestId, client: socket.remoteAddress ?? '', method, host: headers.host, target: url }
}

/** Said to CONNECT, which is for forward proxies. Node has let go of its connection: nobody else would end it. */
export function refuseTunnel(socket: Socket, requestId: string): void {
  socket.on('error', () => socket.destroy())
  sayProblem(socket, 'EG_METHOD', requestId)
  socket.destroySoon()
}

function sayProblem(socket: Socket, code: ErrorCode, requestId: string): void {
  const body = problemText(code, requestId)
  const head = [
    `HTTP/1.1 ${errorTable[code].status} ${errorTable[code].title}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...(code === 'EG_METHOD' ? ['allow: '] : []),
    'connection: close'
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** `rawPacket` holds the latest bytes that came: for a request that is refused at once, its beginning. */
type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer }

/** A request line that is longer than its fields are is what was too large. */
const longRequestLine = /^[A-Z-]+ [^\r\n]{8192}/

function codeFor({ code, rawPacket }: ParserError): ErrorCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return longRequestLine.test(rawPacket?.toString('latin1', 0, 16_384) ?? '') ? 'EG_URI_TOO_LONG' : 'EG_HEADERS_TOO_LARGE'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'EG_CLIENT_TIMEOUT'
    default:
      return 'EG_BAD_REQUEST'
  }
}
