import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, errorTable, problemText, problemType } from './model/errors.ts'

/** Said of a request that no app is asked about; its connection ends with it. */
export function refuse(response: ServerResponse, code: ErrorCode, requestId: string): void {
  const text = problemText(code, requestId)
  response.shouldKeepAlive = false
  response
    .writeHead(errorTable[code].status, {
      'content-type': problemType,
      'content-length': Buffer.byteLength(text),
      'x-request-id': requestId
    })
    .end(text)
}

/** What Node's parser refuses, told as everything else is, on a connection that ends with it. */
export function refuseBytes(error: ParserError, socket: Socket, requestId: string): void {
  // Node keeps the response under way there; nothing can be said once it has begun.
  const underWay = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage
  if (error.code === 'ECONNRESET' || !socket.writable || underWay?.headersSent) {
    socket.destroy()
    return
  }
  sayProblem(socket, codeFor(error), requestId)
  // A request of which the rest is nonsense is over, also for the upstream that is being sent it.
  if (underWay) socket.destroySoon()
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
    // There is no method that would do.
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
