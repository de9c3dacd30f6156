import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Backend } from './backends.ts'

type Place = Pick<Backend, 'namespace' | 'service'>

/** What the echo service says of a request that reached it. */
export interface Echo {
  readonly path: string
  readonly host: string
  readonly method: string
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly namespace: string
  readonly pod: string
}

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

/** A service that answers with what it was asked, as the echo service of the conformance tests does. */
export class EchoService {
  readonly received: Echo[] = []
  readonly #servers: readonly [Server, Http2Server] = [createServer(), createHttp2Server()]
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #events = new EventEmitter()
  readonly #held: (() => void)[] = []

  private constructor(place: Place) {
    const [plain, http2] = this.#servers
    plain.on('request', (request, response) => this.#take(place, request, request.headersDistinct, response))
    http2.on('request', (request, response) => {
      const headers = Object.entries(request.headers).map(([name, value = []]) => [name, [value].flat()])
      this.#take(place, request, Object.fromEntries(headers), response)
    })
    http2.on('session', session => this.#sessions.add(session))
  }

  static async start(place: Place): Promise<EchoService> {
    const service = new EchoService(place)
    for (const server of service.#servers) await once(server.listen(0, '127.0.0.1'), 'listening')
    return service
  }

  /** Where it listens for a protocol, such as kubernetes.io/h2c; absent: HTTP/1.1. */
  urlFor(protocol?: string): string {
    const [plain, http2] = this.#servers
    // A server that listens on an address has one.
    const { port } = (protocol === 'kubernetes.io/h2c' ? http2 : plain).address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  #take({ namespace, service }: Place, request: Request, headers: NodeJS.Dict<string[]>, response: Response): void {
    const { url: path = '', method = '' } = request
    const host = (headers['host'] ?? headers[':authority'] ?? []).join()
    const echo = { path, host, method, headers: present(headers), namespace, pod: `${service}-1` }
    this.received.push(echo)
    request.resume()
    const answer = () => {
      for (const [name, value] of setHeaders(headers['x-echo-set-header']?.join())) response.appendHeader(name, value)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(echo))
    }
    if (/[?&]delay=/.test(path)) this.#held.push(answer)
    else answer()
    this.#events.emit('request')
  }

  /** Resolves when a request that asks for a delay has come in. */
  async delayed(): Promise<void> {
    while (this.#held.length === 0) await once(this.#events, 'request')
  }

  /** Answers those that asked for a delay. */
  release(): void {
    for (const answer of this.#held.splice(0)) answer()
  }

  async close(): Promise<void> {
    const [plain, http2] = this.#servers
    const closed = this.#servers.map(server => once(server, 'close'))
    plain.close()
    plain.closeAllConnections()
    http2.close()
    for (const session of this.#sessions) session.destroy()
    await Promise.all(closed)
  }
}

function present(headers: NodeJS.Dict<string[]>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, values]) => (values === undefined ? [] : [[name, values]])))
}

/** `name:value,name:value`, the fields that a test wants of the answer. */
function setHeaders(field: string | undefined): [string, string][] {
  if (field === undefined) return []
  return field.split(',').flatMap(part => {
    const [name = '', value = ''] = part.split(':', 2)
    return name.trim() === '' ? [] : [[name.trim(), value.trim()]]
  })
}
