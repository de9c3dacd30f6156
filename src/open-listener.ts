import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { answerChallenge } from './challenge.ts'
import type { App, Doors, Listener, ServerTimeouts } from './doors.ts'
import { receiveConnect } from './extended-connect.ts'
import { hasBody } from './forward/request-body.ts'
import { lingerAfter } from './linger.ts'
import type { Refusal } from './model/refusal.ts'
import { redirectToHttps } from './redirect.ts'
import { refusalOf, refuse, refuseBytes, refuseTunnel } from './refusal.ts'
import { faultOf } from './request-fault.ts'
import type { ConnectionLimit } from './security/connection-limit.ts'
import { processScheduler } from './time/scheduler.ts'
import { Certificates } from './transport/certificates.ts'
import { Entrance } from './transport/entrance.ts'
import type { Http2Parts } from './transport/http2-session.ts'
import type { ConnectionRefusal } from './transport/refused.ts'
import { faultOfUpgrade, protocolsOf, receiveUpgrade } from './upgrade.ts'

/** What stands behind a listener. */
export interface ListenerParts {
  readonly timeouts: ServerTimeouts
  readonly hex: (bytes: number) => string
  readonly doors: Doors
  /** Answers requests that are well formed. */
  readonly app: App
  /** Whether answers end their connection. */
  readonly draining: () => boolean
  /** A connection that was taken. */
  opened(socket: Socket): void
  /** Told of every request that the app is not asked about. */
  refused(refusal: Refusal): void
}

/** How often Node looks for connections that took too long. */
const checkEveryMs = 500

/** What one address does with connections and requests before the app is asked. It does not listen yet. */
export function openListener(listener: Listener, parts: ListenerParts): Entrance {
  const { tls, proxyProtocol, host } = listener
  const { doors, timeouts } = parts
  const turnedAway = (reason: ConnectionRefusal) => {
    const address = entrance.front.address()
    const port = typeof address === 'object' && address !== null ? address.port : listener.port
    doors.turnedAway(`${host}:${port}`, reason)
  }
  const handle = requestHandler(listener, parts)
  const entrance = new Entrance(serverOptions(timeouts), handle, {
    tls: tls && {
      certificates: openCertificates(tls, doors),
      client: tls.clientCertificates === false ? 'none' : tls.clientCertificates.require ? 'required' : 'optional'
    },
    proxy: proxyProtocol ? doors : undefined,
    http2: listener.http2 && { ...listener.http2, keepAliveMs: timeouts.keepAliveMs, serve: asHttp1(handle, parts.hex) },
    timeoutMs: timeouts.headersMs,
    scheduler: processScheduler,
    refused: turnedAway
  })
  const { http: server, front } = entrance
  // All of them are counted: Node would leave out what is beyond a thousand, a second Host say.
  server.maxHeadersCount = 0
  // The forwarder sends 100 itself, once somebody reads the body; what else a client may expect is its own affair.
  server.on('checkContinue', handle)
  server.on('checkExpectation', handle)
  front.on('connection', (socket: Socket) => {
    if (admitted(socket, doors.limit)) parts.opened(socket)
    else turnedAway('address')
  })
  server.on('upgrade', (request, socket: Socket, head: Buffer) => {
    const protocols = protocolsOf(request)
    const response = receiveUpgrade(request, socket, head, protocols)
    if (response !== undefined) handle(request, response)
  })
  server.on('connect', (request, socket: Socket) => {
    const requestId = parts.hex(16)
    parts.refused(refusalOf(request, 'EG_METHOD', requestId))
    refuseTunnel(socket, requestId)
  })
  server.on('clientError', (error, socket) => {
    const refusal = refuseBytes(error, socket as Socket, parts.hex(16))
    if (refusal !== undefined) parts.refused(refusal)
  })
  return entrance
}

/** Answers what no app is needed for: malformed requests, proofs for ACME, redirects to https. */
function requestHandler({ tls, redirectPort }: Listener, { app, doors, hex, draining, refused }: ListenerParts): App {
  const serve: App =
    redirectPort === undefined
      ? app
      : (request, response) => {
          doors.answered(request.method ?? '', redirectToHttps(redirectPort, request, response, hex(16)))
        }
  // Authorities ask over plain HTTP.
  const challenge = tls === undefined ? doors.challenge : undefined
  const ending = new WeakSet<Socket>()
  return (request, response) => {
    // Node has lost what came in one piece with the last request: where this one begins nobody knows.
    if (ending.has(request.socket)) return
    const isLast = mayLoseNext(request)
    if (isLast) ending.add(request.socket)
    if (draining() || isLast) response.shouldKeepAlive = false
    // A stream of HTTP/2 ends by itself.
    if (request.httpVersionMajor === 1 && hasBody(request)) lingerAfter(request, response)
    const fault = faultOf(request) ?? faultOfUpgrade(request)
    if (fault !== undefined) {
      const requestId = hex(16)
      refuse(response, fault, requestId)
      refused(refusalOf(request, fault, requestId))
      return
    }
    const proof = challenge?.(request.method, request.url)
    if (proof === undefined) serve(request, response)
    else void answerChallenge(proof, request, response, serve, doors.answered)
  }
}

/** Node's parser stops behind a request that asks for another protocol, and does not go on there when it is served as any other. */
const mayLoseNext = ({ headers: { upgrade, connection } }: IncomingMessage) =>
  upgrade !== undefined && connection !== undefined && /\bupgrade\b/i.test(connection)

/** Whatever answers a request of HTTP/1 answers one of HTTP/2: those of src/transport have all that is asked of theirs. */
const asHttp1 =
  (handle: App, hex: (bytes: number) => string): Http2Parts['serve'] =>
  (request, response) => {
    if (request.protocol !== undefined) receiveConnect(request, response, hex(16))
    handle(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  }

function openCertificates(tls: NonNullable<Listener['tls']>, { files, obtained, shows }: Doors): Certificates {
  const certificates = new Certificates(tls, files, tls.acme === undefined ? undefined : obtained(tls.acme))
  shows(() => certificates.terms)
  return certificates
}

function serverOptions({ headersMs, keepAliveMs }: ServerTimeouts): ServerOptions {
  const options: ServerOptions & { optimizeEmptyRequests: boolean } = {
    headersTimeout: headersMs,
    // Each route has its own time for the body, see src/forward; answers to requests that nobody reads close the connection.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkEveryMs,
    // Missing ones are answered here, as everything else is.
    requireHostHeader: false,
    // Saves a stream's ending for every request without a body.
    optimizeEmptyRequests: true,
    // Others are requests as any, with a field that says nothing (RFC 9110 section 7.8).
    shouldUpgradeCallback: request => protocolsOf(request) !== undefined
  }
  return options
}

/** Closes a connection that is one too many, before anything is read of it. */
function admitted(socket: Socket, limit: ConnectionLimit | undefined): boolean {
  if (limit === undefined) return true
  const closed = limit.open(socket.remoteAddress ?? '')
  if (closed === undefined) socket.destroy()
  else socket.prependOnceListener('close', closed)
  return closed !== undefined
}
