import { connect, isIP, type Socket } from 'node:net'
import { createSecureContext, connect as tlsConnect } from 'node:tls'
import { remade, type TlsTexts } from '../../model/pem.ts'
import { originOf, socketPathOf } from '../../model/unix-socket.ts'

/** Begins a connection. It is made when `readyEvent` comes; until then `destroy` ends it without a trace. */
export interface Dialer {
  /** TLS included, where the target speaks it. */
  readonly readyEvent: 'connect' | 'secureConnect'
  dial(): Socket
}

/**
 * Connections to the host of a URL, at its port or another one, or to its socket; with TLS where it is https. At another port
 * than a socket's own is this machine. Throws for TLS texts that are none,
 * which a checked configuration does not have.
 */
export function dialer(url: string, tls: TlsTexts, port?: number, protocols: readonly string[] = ['http/1.1']): Dialer {
  const path = socketPathOf(url)
  if (path !== undefined && port === undefined) return { readyEvent: 'connect', dial: () => connect({ path }) }
  const { hostname, protocol, port: own } = new URL(originOf(url))
  const secure = protocol === 'https:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const place = { host, port: port ?? (Number(own) || (secure ? 443 : 80)), noDelay: true }
  if (!secure) return { readyEvent: 'connect', dial: () => connect(place) }
  const { verify, servername = isIP(host) === 0 ? host : undefined } = tls
  const context = remade(tls, ({ ca, cert, key }) =>
    createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) })
  )
  const identity = { ...(servername && { servername }), rejectUnauthorized: verify, ALPNProtocols: [...protocols] }
  return { readyEvent: 'secureConnect', dial: () => tlsConnect({ ...place, ...identity, secureContext: context() }) }
}
