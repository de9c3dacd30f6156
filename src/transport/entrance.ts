import { createServer as createHttpServer, type Server as HttpServer, type RequestListener, type ServerOptions } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Scheduler } from '../time/scheduler.ts'
import type { Certificates } from './certificates.ts'
import { readFirstBytes } from './first-bytes.ts'
import type { Http2Parts } from './http2-session.ts'
import { Http2Sessions } from './http2-sessions.ts'
import type { Endpoint } from './proxy-protocol.ts'
import { receiveProxyHeader, showAs } from './proxy-reception.ts'
import { type ConnectionRefusal, handshakeRefusal } from './refused.ts'

export interface EntranceParts {
  readonly tls?: { readonly certificates: Certificates; readonly client: 'none' | 'optional' | 'required' } | undefined
  /** Absent: there is no PROXY header. */
  readonly proxy?: { trusted(address: string): boolean } | undefined
  /** Absent: only HTTP/1 is spoken. */
  readonly http2?: { readonly maxStreams: number; readonly keepAliveMs: number; readonly serve: Http2Parts['serve'] } | undefined
  /** For a PROXY header to come, for a handshake, and for the first bytes of HTTP. */
  readonly timeoutMs: number
  readonly scheduler: Scheduler
  refused(reason: ConnectionRefusal): void
}

/** What lies between a TCP connection and HTTP: a PROXY header, then TLS, each where it is asked for, and which HTTP is spoken. */
export class Entrance {
  /** Speaks HTTP/1, whoever listens. */
  readonly http: HttpServer
  /** Listens; its connections are those of TCP. */
  readonly front: Server
  readonly #parts: EntranceParts
  /** Connections that have not come as far as HTTP, by both of their ends; TLS makes a new socket of the same. */
  readonly #entering = new Map<string, { readonly socket: Socket; readonly source: Endpoint | undefined }>()

  /** Connections of HTTP/1 within TLS. */
  readonly #overTls = new Set<TLSSocket>()
  readonly #headerBytes = new WeakMap<Socket, number>()
  /** Speaks HTTP/2. */
  readonly #sessions: Http2Sessions | undefined
  /** Nobody knows yet what is spoken there. */
  readonly #undecided = new Set<Socket>()

  constructor(options: ServerOptions, handle: RequestListener, parts: EntranceParts) {
    this.#parts = parts
    const { tls, proxy, http2, timeoutMs, scheduler } = parts
    if (http2 !== undefined) {
      const refused = (reason: ConnectionRefusal) => parts.refused(reason)
      this.#sessions = new Http2Sessions(http2.maxStreams, { ...http2, headersMs: timeoutMs, scheduler, refused })
    }
    this.http = tls === undefined ? createHttpServer(options, handle) : this.#secured(options, handle, tls)
    if (proxy === undefined && (tls !== undefined || http2 === undefined)) this.front = this.http
    else {
      const begin =
        proxy === undefined ? (socket: Socket) => this.#begin(socket) : (socket: Socket) => this.#receive(socket, proxy)
      // As Node's own servers have it: HTTP goes on after a client has said all, TLS does not.
      this.front = createServer({ allowHalfOpen: tls === undefined, noDelay: true }, begin)
      // What Node's timers of HTTP begin with, in a server that does not listen itself.
      this.front.once('listening', () => this.http.emit('listening'))
    }
  }

  /** Takes no more, and ends what has not come as far as HTTP. `closed` is called when no connection is left. */
  close(closed: () => void): void {
    // It does not listen, which is no news.
    if (this.front !== this.http) this.http.close(() => {})
    this.front.close(closed)
    for (const { socket } of this.#entering.values()) socket.destroy()
    for (const socket of this.#undecided) socket.destroy()
  }

  /** Tells clients of HTTP/2 that this is the end; those of HTTP/1 hear of it with their next answer. */
  drain(): void {
    this.#sessions?.drain()
  }

  /** Ends connections that carry no request. */
  closeIdle(): void {
    this.http.closeIdleConnections()
    // Node 24 leaves alone those that were opened in advance and have carried none yet.
    for (const socket of this.#overTls) if (socket.bytesRead === 0) socket.destroy()
    this.#sessions?.closeIdle()
  }

  /** Ends whatever is under way. */
  cut(): void {
    this.http.closeAllConnections()
    this.#sessions?.cut()
  }

  /** HTTP begins, without TLS. */
  #begin(socket: Socket): void {
    const sessions = this.#sessions
    if (sessions === undefined) {
      this.#serve(socket)
      return
    }
    this.#undecided.add(socket)
    socket.once('close', () => this.#undecided.delete(socket))
    readFirstBytes(socket, {
      scheduler: this.#parts.scheduler,
      timeoutMs: this.#parts.timeoutMs,
      decided: protocol => {
        this.#undecided.delete(socket)
        if (protocol === 'http1') this.#serve(socket)
        else sessions.take(socket)
      },
      timedOut: () => this.#refuse(socket, 'ERR_HTTP_REQUEST_TIMEOUT'),
      unfinished: length => {
        // Somebody looked whether the port is open.
        if (length === 0) socket.destroy()
        else this.#refuse(socket, 'HPE_INVALID_EOF_STATE')
      }
    })
    // A PROXY header was read before.
    if (socket.isPaused()) socket.resume()
  }

  #serve(socket: Socket): void {
    this.http.emit('connection', socket)
    // It was paused while nobody read.
    socket.resume()
  }

  /** Answers as if Node's parser had said so. */
  #refuse(socket: Socket, code: string): void {
    this.http.emit('clientError', Object.assign(new Error(code), { code }), socket)
    socket.destroySoon()
  }

  #receive(socket: Socket, { trusted }: NonNullable<EntranceParts['proxy']>): void {
    const { scheduler, timeoutMs, refused, tls } = this.#parts
    const ends = endsOf(socket)
    this.#enter(ends, socket, undefined)
    receiveProxyHeader(socket, {
      scheduler,
      timeoutMs,
      trusted,
      refused,
      accept: (accepted, source, length) => {
        this.#headerBytes.set(accepted, length)
        if (tls === undefined) this.#entering.delete(ends)
        else this.#enter(ends, socket, source)
        if (source !== undefined) showAs(accepted, source)
        // TLS reads by itself.
        if (tls === undefined) this.#begin(accepted)
        else this.http.emit('connection', accepted)
      }
    })
  }

  #enter(ends: string, socket: Socket, source: Endpoint | undefined): void {
    if (!this.#entering.has(ends)) socket.once('close', () => this.#entering.delete(ends))
    this.#entering.set(ends, { socket, source })
  }

  #secured(options: ServerOptions, handle: RequestListener, { certificates, client }: NonNullable<EntranceParts['tls']>) {
    const server = createHttpsServer(
      {
        ...options,
        ...certificates.first,
        ALPNProtocols: this.#sessions === undefined ? ['http/1.1'] : ['h2', 'http/1.1'],
        SNICallback: (name, callback) => callback(null, certificates.for(name)),
        handshakeTimeout: this.#parts.timeoutMs,
        requestCert: client !== 'none',
        rejectUnauthorized: client === 'required'
      },
      handle
    )
    certificates.onChange(() => server.setSecureContext(certificates.first))
    // Node's own listener would have the failure answered in HTTP.
    server.removeAllListeners('tlsClientError')
    server.on('tlsClientError', (error, socket) => this.#failed(error, socket))
    if (this.#parts.proxy === undefined)
      server.on('connection', (socket: Socket) => this.#enter(endsOf(socket), socket, undefined))
    // Node's own begins to read requests of HTTP/1.
    const serve = server.listeners('secureConnection')
    server.removeAllListeners('secureConnection')
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#secure(socket, client !== 'none')
      if (socket.destroyed) return
      if (socket.alpnProtocol === 'h2') this.#sessions?.take(socket)
      else {
        this.#overTls.add(socket)
        socket.prependOnceListener('close', () => this.#overTls.delete(socket))
        for (const each of serve) each.call(server, socket)
      }
    })
    return server
  }

  #secure(socket: TLSSocket, asked: boolean): void {
    const ends = endsOf(socket)
    const source = this.#entering.get(ends)?.source
    this.#entering.delete(ends)
    if (source !== undefined) showAs(socket, source)
    // Node lets in whom it need not: a certificate that is not trusted is worse than none.
    if (!asked || socket.authorized || socket.getPeerX509Certificate() === undefined) return
    this.#parts.refused('tls-client-certificate')
    socket.destroy()
  }

  #failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const reason = handshakeRefusal(error, socket, this.#parts.tls?.certificates.isEmpty === true)
    // Who sends nothing but a PROXY header and goes has looked whether the port is open. Node keeps what came over TCP in this place alone.
    const { _parent: tcp } = socket as TLSSocket & { readonly _parent?: Socket }
    const looked = tcp !== undefined && tcp.bytesRead === (this.#headerBytes.get(tcp) ?? 0)
    if (reason !== 'tls-unfinished' || !looked) this.#parts.refused(reason)
    socket.destroy()
  }
}

const endsOf = ({ localAddress, remoteAddress, remotePort }: Socket) => `${localAddress} ${remoteAddress} ${remotePort}`
