// As a module: a candidate. As a program, `node undici-under-node-http.ts PORT UPSTREAM`: the smallest proxy that is correct
// for the benchmark's traffic, undici dispatch under node:http. It is the ceiling: what a gateway on this stack can at most do.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { type Dispatcher, Pool } from 'undici'
import type { Candidate } from '../candidate.ts'

export const undiciUnderNodeHttp: Candidate = {
  name: 'undici under node:http',
  missing: () => undefined,
  command: place => ({
    file: process.execPath,
    args: [fileURLToPath(import.meta.url), String(place.port), `http://127.0.0.1:${place.upstreamPorts[0]}`]
  })
}

/** Bodies of a known length up to this are sent in one piece, which is faster than a stream. */
const GATHERED_BYTES = 64 * 1024

/** What belongs to one connection (RFC 9110 section 7.6.1), and what undici writes itself. */
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host'
])

function forwardedHeaders(raw: readonly string[]): string[] {
  const headers: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    // rawHeaders holds names and values in turn, so both indexes exist.
    const name = raw[index] as string
    if (!HOP.has(name.toLowerCase())) headers.push(name, raw[index + 1] as string)
  }
  return headers
}

class Forward implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  #controller: Dispatcher.DispatchController | undefined
  #left: number | undefined

  constructor(response: ServerResponse) {
    this.#response = response
    response.once('close', () => {
      if (!response.writableFinished) this.#controller?.abort(new Error('the client went away'))
    })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
  }

  onResponseStart(controller: Dispatcher.DispatchController, statusCode: number, headers: NodeJS.Dict<string | string[]>): void {
    if (statusCode < 200) return
    delete headers['connection']
    delete headers['keep-alive']
    delete headers['transfer-encoding']
    const length = headers['content-length']
    this.#left = length === undefined ? undefined : Number(length)
    this.#response.writeHead(statusCode, headers)
    this.#response.on('drain', () => controller.resume())
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#left !== undefined) this.#left -= chunk.length
    // The head waits for the first chunk; with the last one in end(), a small answer is a single write to the socket.
    if (this.#left === 0) this.#response.end(chunk)
    else if (!this.#response.write(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    if (!this.#response.writableEnded) this.#response.end()
  }

  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy()
    else this.#response.writeHead(502).end()
  }
}

function forward(pool: Pool, request: IncomingMessage, response: ServerResponse, body: Buffer | IncomingMessage | null): void {
  // The server hands over only requests with a method and a path.
  const options = { path: request.url as string, method: request.method as Dispatcher.HttpMethod }
  pool.dispatch({ ...options, headers: forwardedHeaders(request.rawHeaders), body }, new Forward(response))
}

function gather(pool: Pool, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => forward(pool, request, response, chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks)))
}

function serve(port: number, upstream: string): void {
  const pool = new Pool(upstream, { connections: 128, keepAliveTimeout: 60_000 })
  const server = createServer((request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') forward(pool, request, response, null)
    else if (Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= GATHERED_BYTES)
      gather(pool, request, response)
    else forward(pool, request, response, request)
  })
  server.listen(port, '127.0.0.1')
}

// A program's arguments are there when the benchmark starts it.
if (import.meta.main) serve(Number(process.argv[2]), process.argv[3] as string)
