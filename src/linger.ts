import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long a client may go on sending a request that has been answered. */
const lingerMs = 5000

/** Reads and throws away what still comes on a connection of which this side is ended, until the other side is, or has had its time. */
export function lingerOn(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.on('close', () => clearTimeout(timer))
  socket.on('end', () => socket.destroySoon())
  socket.resume()
}

/**
 * Reads and throws away what is left of a request once it is answered. Closing at once would reset the connection and take the
 * answer with it before the client has read it (RFC 9112 section 9.6). A client that does not come to an end is cut.
 */
export function lingerAfter(request: IncomingMessage, response: ServerResponse): void {
  response.on('finish', () => {
    if (request.complete || request.destroyed) return
    const { socket } = request
    const timer = setTimeout(() => socket.destroy(), lingerMs)
    const settle = () => {
      clearTimeout(timer)
      socket.off('close', settle)
    }
    request.on('end', settle)
    // Node tells a request nothing more of its connection once the answer is out.
    socket.on('close', settle)
    request.resume()
  })
}
