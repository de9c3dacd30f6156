import { connect, isIP, type Socket } from 'node:net'
import { createSecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls'
import { remade, type TlsTexts } from '../../model/pem.ts'
import { originOf, socketPathOf } from '../../model/unix-socket.ts'
import { UpstreamFailure } from '../../model/upstream-failure.ts'

/** Begins a connection. It is made when `readyEvent` comes. */
export interface Dialer {
  readonly readyEvent: 'connect' | 'secureConnect'
  dial(): Socket
  /** Why HTTP/2 may not be spoken on a connection that is made; undefined: it may. */
  objection(socket: Socket): UpstreamFailure | undefined
}

/**
 * Connections for HTTP/2 to an origin: by prior knowledge where it is http, by ALPN where it is https (RFC 9113 sections 3.2 and
 * 3.3). Nothing but `h2` is offered: who has not taken it is not spoken to.
 */
export function http2Dialer(url: string, tls: TlsTexts): Dialer {
  const socketPath = socketPathOf(url)
  const { hostname, protocol, port } = new URL(originOf(url))
  const secure = protocol === 'https:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const place =
    socketPath === undefined
      ? { host, port: Number(port) || (secure ? 443 : 80), noDelay: true, keepAlive: true }
      : { path: socketPath }
  if (!secure) return { readyEvent: 'connect', dial: () => connect(place), objection: () => undefined }
  const { verify, servername = isIP(host) === 0 ? host : undefined } = tls
  const context = remade(tls, ({ ca, cert, key }) =>
    createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) })
  )
  const identity = { ...(servername && { servername }), rejectUnauthorized: verify, ALPNProtocols: ['h2'] }
  return {
    readyEvent: 'secureConnect',
    dial: () => tlsConnect({ ...place, ...identity, secureContext: context() }),
    // What was dialled here is a TLS socket.
    objection: socket =>
      (socket as TLSSocket).alpnProtocol === 'h2' ? undefined : new UpstreamFailure('tls', 'HTTP/2 was not agreed on')
  }
}
