import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { AcmeTerms } from './acme/options.ts'
import { answerChallenge } from './challenge.ts'
import { hasBody } from './forward/request-body.ts'
import { lingerAfter } from './linger.ts'
import type { ObtainedCertificate } from './model/obtained-certificate.ts'
import type { PemFollower } from './model/pem.ts'
import type { Refusal } from './model/refusal.ts'
import { redirectToHttps } from './redirect.ts'
import { refusalOf, refuse, refuseBytes, refuseTunnel } from './refusal.ts'
import { faultOf } from './request-fault.ts'
import type { ConnectionLimit } from './security/connection-limit.ts'
import { processScheduler } from './time/scheduler.ts'
import { Certificates, type CertificateTerm, type ServerTls } from './transport/certificates.ts'
import { Entrance } from './transport/entrance.ts'
import type { ConnectionRefusal } from './transport/refused.ts'

/** What answers requests: `app.routing` of a Fastify app. */
export type App = (request: IncomingMessage, response: ServerResponse) => void

/** Milliseconds. */
export interface ServerTimeouts {
  /** For a client to send the fields of a request. */
  readonly headersMs: number
  /** Between two requests of a connection. */
  readonly keepAliveMs: number
}

export interface Address {
  readonly host: string
  readonly port: number
  /** Whether TLS is spoken there. */
  readonly secure?: boolean
}

/** Where clients connect to, and what lies between a connection and HTTP. */
export interface Listener extends Address {
  readonly tls?: ServerTls & { readonly acme?: AcmeTerms }
  /** Connections begin with a PROXY header. */
  readonly proxyProtocol?: boolean
  /** Every request is sent to https at this port. */
  readonly redirectPort?: number
}

/** What listeners with TLS or a PROXY header need, and who is told of what they refuse. */
export interface Doors {
  readonly files: PemFollower
  /** How many connections an address may have open. */
  readonly limit?: ConnectionLimit
  /** Whether what a peer says of a client is believed. */
  trusted(address: string): boolean
  /** A connection that did not come as far as HTTP. `listener` is the address as it is bound. */
  turnedAway(listener: string, reason: ConnectionRefusal): void
  /** A request that a listener answered by itself. */
  answered(method: string, status: number): void
  /** What a listener shows its clients, whenever somebody asks. */
  shows(terms: () => readonly CertificateTerm[]): void
  obtained(terms: AcmeTerms): ObtainedCertificate
  /** Undefined: the target is no challenge of ACME. Otherwise resolves with the answer, or undefined where there is none. */
  challenge?(method: string | undefined, target: string | undefined): Promise<string | undefined> | undefined
}

const noDoors: Doors = {
  files: { follow() {} },
  trusted: () => false,
  turnedAway() {},
  answered() {},
  shows() {},
  obtained: () => ({ current: undefined, onChange() {} })
}

/** How often Node looks for connections that took too long. */
const checkEveryMs = 500
/** How often a closing server looks for connections that have become idle. */
const idleCheckMs = 50

/** The servers that clients connect to, and a replaceable app behind them. */
export class Swap {
  readonly #entrances: Entrance[] = []
  readonly #connections = new Set<Socket>()
  readonly #timeouts: ServerTimeouts
  readonly #hex: (bytes: number) => string
  readonly #refused: (refusal: Refusal) => void
  readonly #doors: Doors
  #app: App
  #draining = false

  /** `refused` is told of every request that the app is not asked about. */
  constructor(
    app: App,
    timeouts: ServerTimeouts,
    hex: (bytes: number) => string,
    refused: (refusal: Refusal) => void = () => {},
    doors = noDoors
  ) {
    this.#app = app
    this.#timeouts = timeouts
    this.#hex = hex
    this.#refused = refused
    this.#doors = doors
  }

  /** Requests from now on go to this app; those under way stay where they are. */
  replace(app: App): void {
    this.#app = app
  }

  /** Resolves with the addresses as they are bound, in the given order. Rejects with Node's error when one is not to be had. */
  async listen(listeners: readonly Listener[]): Promise<Address[]> {
    const bound: Address[] = []
    for (const listener of listeners) {
      const { host, port } = listener
      const { front } = this.#open(listener)
      await new Promise<void>((resolve, reject) => {
        front.once('error', reject)
        front.listen({ host, port }, () => {
          front.off('error', reject)
          resolve()
        })
      })
      const address = front.address()
      const boundPort = typeof address === 'object' && address !== null ? address.port : port
      bound.push({ host, port: boundPort, secure: listener.tls !== undefined })
    }
    return bound
  }

  #open(listener: Listener): Entrance {
    const { tls, proxyProtocol, redirectPort, host } = listener
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      if (redirectPort === undefined) this.#app(request, response)
      else this.#doors.answered(request.method ?? '', redirectToHttps(redirectPort, request, response, this.#hex(16)))
    }
    // Authorities ask over plain HTTP.
    const challenge = tls === undefined ? this.#doors.challenge : undefined
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      if (this.#draining) response.shouldKeepAlive = false
      if (hasBody(request.headers)) lingerAfter(request, response)
      const fault = faultOf(request)
      if (fault === undefined) {
        const proof = challenge?.(request.method, request.url)
        if (proof === undefined) serve(request, response)
        else void answerChallenge(proof, request, response, serve, this.#doors.answered)
        return
      }
      const requestId = this.#hex(16)
      refuse(response, fault, requestId)
      this.#refused(refusalOf(request, fault, requestId))
    }
    const refused = (reason: ConnectionRefusal) => {
      const address = entrance.front.address()
      const port = typeof address === 'object' && address !== null ? address.port : listener.port
      this.#doors.turnedAway(`${host}:${port}`, reason)
    }
    const entrance = new Entrance(this.#serverOptions(), handle, {
      tls: tls && {
        certificates: this.#certificates(tls),
        client: tls.clientCertificates === false ? 'none' : tls.clientCertificates.require ? 'required' : 'optional'
      },
      proxy: proxyProtocol ? this.#doors : undefined,
      timeoutMs: this.#timeouts.headersMs,
      scheduler: processScheduler,
      refused
    })
    this.#entrances.push(entrance)
    const { http: server, front } = entrance
    // All of them are counted: Node would leave out what is beyond a thousand, a second Host say.
    server.maxHeadersCount = 0
    // The forwarder sends 100 itself, once somebody reads the body; what else a client may expect is its own affair.
    server.on('checkContinue', handle)
    server.on('checkExpectation', handle)
    front.on('connection', (socket: Socket) => {
      if (!admitted(socket, this.#doors.limit)) return refused('address')
      this.#connections.add(socket)
      // Not `once`: that makes its array of listeners where Node makes those of each request, which V8 then takes for long-lived.
      socket.prependOnceListener('close', () => this.#connections.delete(socket))
    })
    server.on('connect', (request, socket: Socket) => {
      const requestId = this.#hex(16)
      this.#refused(refusalOf(request, 'EG_METHOD', requestId))
      refuseTunnel(socket, requestId)
    })
    server.on('clientError', (error, socket) => {
      const refusal = refuseBytes(error, socket as Socket, this.#hex(16))
      if (refusal !== undefined) this.#refused(refusal)
    })
    return entrance
  }

  #certificates(tls: NonNullable<Listener['tls']>): Certificates {
    const obtained = tls.acme === undefined ? undefined : this.#doors.obtained(tls.acme)
    const certificates = new Certificates(tls, this.#doors.files, obtained)
    this.#doors.shows(() => certificates.terms)
    return certificates
  }

  #serverOptions(): ServerOptions {
    const options: ServerOptions & { optimizeEmptyRequests: boolean } = {
      headersTimeout: this.#timeouts.headersMs,
      // Each route has its own time for the body, see src/forward; answers to requests that nobody reads close the connection.
      requestTimeout: 0,
      keepAliveTimeout: this.#timeouts.keepAliveMs,
      connectionsCheckingInterval: checkEveryMs,
      // Missing ones are answered here, as everything else is.
      requireHostHeader: false,
      // Saves a stream's ending for every request without a body.
      optimizeEmptyRequests: true
    }
    return options
  }

  /** Answers from now on end their connection. */
  drain(): void {
    this.#draining = true
  }

  /**
   * Takes no new connection and waits for those under way; after `forceMs` they are cut. Resolves when none is left and whoever
   * was at work on a request has been told of its end.
   */
  async close(forceMs: number): Promise<void> {
    this.drain()
    // A connection that carried a request when the draining began may be kept by its client after the answer.
    const idle = setInterval(() => this.#each(server => server.closeIdleConnections()), idleCheckMs)
    const force = setTimeout(() => this.#each(server => server.closeAllConnections()), forceMs)
    await Promise.all(this.#entrances.map(entrance => new Promise<void>(resolve => entrance.close(resolve))))
    clearInterval(idle)
    clearTimeout(force)
    // A server is closed as soon as its connections are destroyed; they, and their requests, are told a turn later.
    await Promise.all(
      [...this.#connections].map(socket => new Promise<void>(resolve => void socket.once('close', () => resolve())))
    )
  }

  #each(act: (server: Server) => void): void {
    for (const { http } of this.#entrances) act(http)
  }
}

/** Closes a connection that is one too many, before anything is read of it. */
function admitted(socket: Socket, limit: ConnectionLimit | undefined): boolean {
  if (limit === undefined) return true
  const closed = limit.open(socket.remoteAddress ?? '')
  if (closed === undefined) socket.destroy()
  else socket.prependOnceListener('close', closed)
  return closed !== undefined
}
