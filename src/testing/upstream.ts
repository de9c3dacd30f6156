import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** What a test tells of its end, such as node:test's context. */
export interface TestScope {
  after(close: () => Promise<void>): void
}

/** An answer. Its length is announced unless `headers` says that it is chunked. */
export interface Answer {
  /** 200 when absent. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** The connection breaks after this many bytes of the body. */
  readonly cutAfter?: number
}

/** Answers by itself, once the request has come in completely. */
export type Handler = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>

/**
 * What an upstream does with a request that has come in completely: it answers, breaks the connection without a word, or never
 * answers.
 */
export type Behaviour = Answer | 'reset' | 'hang' | Handler

/** A request as it reached an upstream. */
export interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** What has come of the body so far. */
  readonly body: Buffer
  /** All of it has come: this is when an upstream does what it is asked. */
  readonly complete: boolean
  /** The other side left before the answer was out. */
  readonly aborted: boolean
  /** Resolves when nothing more happens: the answer is out, or the connection is gone. */
  readonly ended: Promise<void>
}

export interface UpstreamOptions {
  /** Speaks TLS with this certificate; PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** A server that does as it is told and remembers what it was asked. */
export interface Upstream {
  /** Its origin, as a target of a configuration names it. */
  readonly url: string
  readonly port: number
  /** In the order of their arrival. */
  readonly requests: readonly ReceivedRequest[]
  /** Those that came in completely: what was done, and so must not be done twice. */
  readonly executed: readonly ReceivedRequest[]
  /** How many connections were ever made to it. */
  readonly connections: number
  /** The given one of its requests, the first is 1, as soon as its headers are there. */
  arrived(count: number): Promise<ReceivedRequest>
  /** Resolves when no connection to it is open. */
  disconnected(): Promise<void>
  /** Breaks every connection. Harmless the second time. */
  close(): Promise<void>
}

/**
 * Starts an upstream on 127.0.0.1 that ends with the test. A list of behaviours is for one request after the other, the last of
 * it for all that follow.
 *
 * ```ts
 * const flaky = await upstream(t, ['reset', { status: 503 }, { body: 'hello' }])
 * ```
 */
export async function upstream(
  t: TestScope,
  script: Behaviour | readonly Behaviour[] = {},
  { tls }: UpstreamOptions = {}
): Promise<Upstream> {
  const behaviours = [script].flat()
  const requests: Received[] = []
  const events = new EventEmitter()
  const listener: RequestListener = (request, response) => {
    const behaviour = behaviours[Math.min(requests.length, behaviours.length - 1)] ?? {}
    const received = new Received(request.method ?? '', request.url ?? '', request.headers, response)
    requests.push(received)
    events.emit('arrival')
    request.on('data', chunk => received.chunks.push(chunk))
    request.on('end', () => {
      received.complete = true
      void behave(behaviour, received, response)
    })
  }
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  let connections = 0
  let open = 0
  server.on('connection', socket => {
    connections++
    open++
    socket.on('close', () => {
      open--
      events.emit('disconnect')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise<void>(resolve => void server.close(() => resolve()))
  }
  t.after(close)
  // A server that listens on a host and port has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    get executed() {
      return requests.filter(request => request.complete)
    },
    get connections() {
      return connections
    },
    async arrived(count) {
      for (;;) {
        const request = requests[count - 1]
        if (request !== undefined) return request
        await once(events, 'arrival')
      }
    },
    async disconnected() {
      while (open > 0) await once(events, 'disconnect')
    },
    close
  }
}

class Received implements ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly chunks: Buffer[] = []
  complete = false
  aborted = false
  /** The upstream itself breaks the connection. */
  broken = false
  readonly ended: Promise<void>

  constructor(method: string, url: string, headers: IncomingHttpHeaders, response: ServerResponse) {
    this.method = method
    this.url = url
    this.headers = headers
    this.ended = new Promise(resolve =>
      response.once('close', () => {
        this.aborted = !response.writableFinished && !this.broken
        resolve()
      })
    )
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

async function behave(behaviour: Behaviour, received: Received, response: ServerResponse): Promise<void> {
  if (behaviour === 'hang') return
  if (typeof behaviour === 'function') {
    await behaviour(received, response)
    return
  }
  if (behaviour === 'reset') {
    received.broken = true
    response.socket?.resetAndDestroy()
    return
  }
  const { status = 200, headers = {}, cutAfter } = behaviour
  const body = Buffer.from(behaviour.body ?? '')
  const length = 'transfer-encoding' in headers ? {} : { 'content-length': String(body.length) }
  // Node takes lists of values as they are; its type does not say that it leaves them alone.
  response.writeHead(status, { ...length, ...headers } as Record<string, string | string[]>)
  if (cutAfter === undefined) {
    response.end(body)
    return
  }
  received.broken = true
  response.flushHeaders()
  response.write(body.subarray(0, cutAfter), () => response.socket?.destroy())
}
