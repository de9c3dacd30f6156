import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Exchange } from '../model/exchange.ts'
import { urlWithout } from '../model/kept-back.ts'
import { outgoingPath } from '../model/outgoing-path.ts'
import type { Target } from '../model/target.ts'
import { originOf } from '../model/unix-socket.ts'
import type { Client } from './client.ts'
import { RequestHeaders } from './request-headers.ts'
import { type ResponseFields, responseHeaders } from './response-headers.ts'

/** What undici's request takes besides its documented options: `reset: false` keeps the connection after HEAD and after a GET with a body. */
type Request = Dispatcher.DispatchOptions & { readonly reset: boolean }

/** Turns one exchange's messages from the client's side of the gateway to a target's, and back. */
export class Translation {
  readonly #exchange: Exchange
  readonly #client: Client
  readonly #path: string
  #headers: RequestHeaders | undefined
  #takesTrailers = false

  constructor(exchange: Exchange, client: Client) {
    this.#exchange = exchange
    this.#client = client
    const { route, path, search, keptBack, outgoing } = exchange
    const url = outgoing ?? outgoingPath(route, path) + search
    this.#path = keptBack === undefined ? url : urlWithout(keptBack, url)
  }

  request(contentLength: number | undefined, body: Buffer | Readable | null, now: number): Request {
    const { route, deadlineAt, timeoutMs, callDeadlineAt } = this.#exchange
    const { request, origin, upgrade, headers = request.headers } = this.#client
    this.#headers ??= new RequestHeaders(headers, route, origin, contentLength, this.#exchange)
    return {
      path: this.#path,
      // A parsed request has a method, and Node knows more of them than undici's type names.
      method: request.method as Dispatcher.HttpMethod,
      headers: this.#headers.forAttempt(Math.min(deadlineAt - now, timeoutMs), callDeadlineAt && callDeadlineAt - now),
      body,
      upgrade: upgrade?.protocols ?? null,
      // undici closes a connection that was not switched after all.
      reset: upgrade !== undefined,
      // The attempt has its own clock, to the hundredth of a second instead of the second.
      headersTimeout: 0,
      bodyTimeout: 0
    }
  }

  /** Undefined when an answer cannot be passed on: its fields cannot be written, or its coding is none that was asked for. */
  response(target: Target, headers: IncomingHttpHeaders): ResponseFields | undefined {
    const coding = headers['transfer-encoding']
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') return undefined
    const { host, protocol } = this.#client.origin
    const { route, facts } = this.#exchange
    const fields = responseHeaders(headers, route, { route, targetUrl: originOf(target.url), host, protocol }, facts)
    // In HTTP/1 only a chunked answer can have trailers: Node refuses to announce them for any other.
    const { httpVersion } = this.#client.request
    this.#takesTrailers = httpVersion === '2.0' || (headers['content-length'] === undefined && httpVersion === '1.1')
    if (fields !== undefined && !this.#takesTrailers) delete fields['trailer']
    return fields
  }

  /** Early hints go on to the client; other answers before the final one are the gateway's own. */
  informational(status: number, headers: IncomingHttpHeaders): void {
    const { request, response } = this.#client
    if (status !== 103 || headers['link'] === undefined || request.httpVersion === '1.0') return
    try {
      response.writeEarlyHints({ link: headers['link'] })
    } catch {
      // One that Node finds malformed is dropped: it is only a hint.
    }
  }

  trailers(trailers: IncomingHttpHeaders): void {
    const { request, response } = this.#client
    const fields = Object.entries(trailers).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): [string, string] => [name, each])
    )
    if (fields.length === 0 || !this.#takesTrailers) return
    // An answer without a body gets a length from Node, beside which there are no trailers; who asked for them gets them.
    if (request.httpVersion === '1.1' && !response.headersSent && /\btrailers\b/i.test(String(request.headers.te)))
      response.setHeader('transfer-encoding', 'chunked')
    response.addTrailers(fields)
  }
}
