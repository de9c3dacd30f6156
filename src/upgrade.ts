import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { hasBody } from './forward/request-body.ts'
import { setUpgrade, type Upgrade, upgradeOf } from './forward/upgrade.ts'
import { lingerOn } from './linger.ts'
import type { ErrorCode } from './model/errors.ts'
import { Http2Request } from './transport/http2-request.ts'

/** A protocol and perhaps its version (RFC 9110 section 7.8). */
const protocol = /^[\w!#$%&'*+.^`|~-]+(?:\/[\w!#$%&'*+.^`|~-]+)?$/

/** Through these a client would send requests that no policy sees. */
const otherHttp = /^(?:h2c?|http|tls)(?:\/|$)/i

/** Whether an upstream may be asked for a protocol. */
export const mayBeAsked = (name: string) => protocol.test(name) && !otherHttp.test(name)

/** The protocols that may be asked of an upstream, separated by commas; undefined: the request is an ordinary one. */
export function protocolsOf(request: IncomingMessage): string | undefined {
  const { upgrade } = request.headers
  if (upgrade === undefined || request.httpVersion !== '1.1' || hasBody(request)) return undefined
  const passed = upgrade
    .split(',')
    .map(each => each.trim())
    .filter(mayBeAsked)
  return passed.length === 0 ? undefined : passed.join(', ')
}

/** RFC 6455 section 4.1: what a WebSocket needs; which versions there are the upstream says. */
export function faultOfUpgrade(request: IncomingMessage): ErrorCode | undefined {
  const { method, headers } = request
  const protocols = upgradeOf(request)?.protocols
  const given: unknown = request
  // RFC 9220 section 3.
  if (protocols === undefined && given instanceof Http2Request && given.protocol !== undefined) return 'EG_NOT_IMPLEMENTED'
  if (protocols === undefined || !/\bwebsocket\b/i.test(protocols)) return undefined
  const { 'sec-websocket-key': key = '' } = headers
  return method === 'GET' && /^[\w+/]{22}==$/.test(key) ? undefined : 'EG_BAD_REQUEST'
}

/**
 * Gives a request that Node has let go of an answer of its own, so that it meets what every request meets. `head` is what came
 * with it already. Undefined where an answer to an earlier request is not out yet: nobody may switch then.
 * Node before 24.9 lets go of every request that asks: `protocols` is undefined for one that is answered as any other.
 */
export function receiveUpgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  protocols: string | undefined
): ServerResponse | undefined {
  socket.on('error', () => socket.destroy())
  // Node keeps the response under way there.
  if ((socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage) {
    socket.destroy()
    return undefined
  }
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  socket.setTimeout(0)
  response.assignSocket(socket)
  const pending = new PendingUpgrade(response, socket, head, protocols ?? '')
  if (protocols !== undefined) setUpgrade(request, pending)
  return response
}

/** Waits for the upstream's word; until then nothing that the client sends is read, only whether it is still there. */
class PendingUpgrade implements Upgrade {
  readonly protocols: string
  readonly #response: ServerResponse
  readonly #socket: Socket
  readonly #head: Buffer
  #switched = false

  constructor(response: ServerResponse, socket: Socket, head: Buffer, protocols: string) {
    this.protocols = protocols
    this.#response = response
    this.#socket = socket
    this.#head = head
    socket.on('readable', this.#look).on('end', this.#left)
    response.on('finish', () => {
      if (this.#switched) return
      this.#stopLooking()
      socket.end()
      lingerOn(socket)
    })
  }

  accept(fields: OutgoingHttpHeaders, chosen: string): Duplex {
    this.#switched = true
    this.#stopLooking()
    this.#response.writeHead(101, { ...fields, connection: 'upgrade', upgrade: chosen })
    this.#response.end()
    if (this.#head.length > 0) this.#socket.unshift(this.#head)
    return this.#socket
  }

  #stopLooking(): void {
    this.#socket.off('readable', this.#look).off('end', this.#left)
  }

  /** Takes nothing, but lets the end be seen. */
  readonly #look = (): void => void this.#socket.read(0)

  readonly #left = (): void => void this.#socket.destroy()
}
