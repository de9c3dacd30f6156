import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { hasBody } from './forward/request-body.ts'
import { lingerAfter } from './linger.ts'
import type { Refusal } from './model/refusal.ts'
import { refusalOf, refuse, refuseBytes, refuseTunnel } from './refusal.ts'
import { faultOf } from './request-fault.ts'
import type { ConnectionLimit } from './security/connection-limit.ts'

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
}

/** How often Node looks for connections that took too long. */
const checkEveryMs = 500
/** How often a closing server looks for connections that have become idle. */
const idleCheckMs = 50

/** The servers that clients connect to, and a replaceable app behind them. */
export class Swap {
  readonly #servers: Server[] = []
  readonly #connections = new Set<Socket>()
  readonly #timeouts: ServerTimeouts
  readonly #hex: (bytes: number) => string
  readonly #refused: (refusal: Refusal) => void
  readonly #limit: ConnectionLimit | undefined
  #app: App
  #draining = false

  /** `refused` is told of every request that the app is not asked about; without a `limit` an address has any number of connections. */
  constructor(
    app: App,
    timeouts: ServerTimeouts,
    hex: (bytes: number) => string,
    refused: (refusal: Refusal) => void = () => {},
    limit?: ConnectionLimit
  ) {
    this.#app = app
    this.#timeouts = timeouts
    this.#hex = hex
    this.#refused = refused
    this.#limit = limit
  }

  /** Requests from now on go to this app; those under way stay where they are. */
  replace(app: App): void {
    this.#app = app
  }

  /** Resolves with the addresses as they are bound, in the given order. Rejects with Node's error when one is not to be had. */
  async listen(addresses: readonly Address[]): Promise<Address[]> {
    const bound: Address[] = []
    for (const { host, port } of addresses) {
      const server = this.#open()
      this.#servers.push(server)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port }, () => {
          server.off('error', reject)
          resolve()
        })
      })
      const address = server.address()
      bound.push({ host, port: typeof address === 'object' && address !== null ? address.port : port })
    }
    return bound
  }

  #open(): Server {
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      if (this.#draining) response.shouldKeepAlive = false
      if (hasBody(request.headers)) lingerAfter(request, response)
      const fault = faultOf(request)
      if (fault === undefined) {
        this.#app(request, response)
        return
      }
      const requestId = this.#hex(16)
      refuse(response, fault, requestId)
      this.#refused(refusalOf(request, fault, requestId))
    }
    const server = createServer(
      {
        headersTimeout: this.#timeouts.headersMs,
        // Each route has its own time for the body, see src/forward; answers to requests that nobody reads close the connection.
        requestTimeout: 0,
        keepAliveTimeout: this.#timeouts.keepAliveMs,
        connectionsCheckingInterval: checkEveryMs,
        // Missing ones are answered here, as everything else is.
        requireHostHeader: false,
        // Saves a stream's ending for every request without a body.
        optimizeEmptyRequests: true
      } as Parameters<typeof createServer>[0] & { optimizeEmptyRequests: boolean },
      handle
    )
    // All of them are counted: Node would leave out what is beyond a thousand, a second Host say.
    server.maxHeadersCount = 0
    // The forwarder sends 100 itself, once somebody reads the body; what else a client may expect is its own affair.
    server.on('checkContinue', handle)
    server.on('checkExpectation', handle)
    server.on('connection', (socket: Socket) => {
      if (!admitted(socket, this.#limit)) return
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
    return server
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
    await Promise.all(this.#servers.map(server => new Promise<void>(resolve => void server.close(() => resolve()))))
    clearInterval(idle)
    clearTimeout(force)
    // A server is closed as soon as its connections are destroyed; they, and their requests, are told a turn later.
    await Promise.all(
      [...this.#connections].map(socket => new Promise<void>(resolve => void socket.once('close', () => resolve())))
    )
  }

  #each(act: (server: Server) => void): void {
    for (const server of this.#servers) act(server)
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
