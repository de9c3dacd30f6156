import { type OutgoingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { afterThisTurn } from '../time/next-turn.ts'
import { forbidden, pairsOf, type Value } from './http2-answer-fields.ts'
import { isOnePiece, writePieces } from './http2-pieces.ts'
import type { Http2Request } from './http2-request.ts'

const withoutBody = (status: number) => status === 204 || status === 205 || status === 304

/**
 * An answer in a stream of HTTP/2, with all that a ServerResponse has for those who write one. Unlike Node's own class for it, it
 * never shows a client a complete answer where one broke, tells of its end as soon as it is out, whatever the client still sends,
 * and of a client that left.
 */
export class Http2Response extends Writable {
  statusCode = 200
  /** HTTP/2 has none. */
  statusMessage = ''
  sendDate = true
  /** Of no meaning here: a session ends by GOAWAY. */
  shouldKeepAlive = true
  readonly req: Http2Request
  readonly stream: ServerHttp2Stream
  readonly #fields: Record<string, Value> = Object.create(null)
  #trailers: Record<string, Value> | undefined
  #isWritten = false
  #isLast = false
  #awaitsTrailers = false
  #isSwitched = false

  constructor(stream: ServerHttp2Stream, request: Http2Request) {
    super({ decodeStrings: false, defaultEncoding: 'utf8' })
    this.stream = stream
    this.req = request
    // Who writes it hears by `close` that its client has left.
    this.on('error', () => {})
    stream.on('aborted', () => this.destroy())
    stream.on('close', () => {
      if (!this.#isOut) this.destroy()
    })
  }

  get socket(): Socket {
    return this.req.socket
  }

  get connection(): Socket {
    return this.req.socket
  }

  get headersSent(): boolean {
    return this.#isWritten || this.stream.headersSent
  }

  get finished(): boolean {
    return this.writableEnded
  }

  setHeader(name: string, value: Value): this {
    if (this.headersSent) throw new Error('the fields of this answer are sent')
    const lower = name.toLowerCase()
    validateHeaderName(lower)
    validateHeaderValue(lower, value as string)
    if (!forbidden.has(lower)) this.#fields[lower] = value
    return this
  }

  appendHeader(name: string, value: string | readonly string[]): this {
    const before = this.getHeader(name)
    return this.setHeader(name, before === undefined ? value : [before, value].flat().map(String))
  }

  getHeader(name: string): Value | undefined {
    return this.#fields[name.toLowerCase()]
  }

  getHeaders(): OutgoingHttpHeaders {
    return { ...this.#fields } as OutgoingHttpHeaders
  }

  getHeaderNames(): string[] {
    return Object.keys(this.#fields)
  }

  hasHeader(name: string): boolean {
    return name.toLowerCase() in this.#fields
  }

  removeHeader(name: string): void {
    delete this.#fields[name.toLowerCase()]
  }

  /** As with HTTP/1 nothing leaves yet. `given` are fields by name, or name, value, name, value. */
  writeHead(status: number, given: string | object | undefined, more?: object): this {
    const fields = typeof given === 'object' ? given : (more ?? {})
    const pairs: [string, Value | undefined][] = Array.isArray(fields) ? pairsOf(fields) : Object.entries(fields)
    for (const [name, value] of pairs) if (value !== undefined) this.setHeader(name, value)
    this.statusCode = status
    this.#isWritten = true
    return this
  }

  /**
   * Says that the stream carries another protocol from now on, and hands it out (RFC 8441 section 5). The answer ends with it.
   */
  switch(fields: OutgoingHttpHeaders): ServerHttp2Stream {
    this.#isSwitched = true
    this.writeHead(200, fields)
    this.stream.respond({ ...(this.#fields as OutgoingHttpHeaders), ':status': 200 })
    this.end()
    return this.stream
  }

  flushHeaders(): void {
    if (this.#isOpen && !this.stream.headersSent) this.#begin(false)
  }

  /** Pairs, or values by name. */
  addTrailers(given: readonly (readonly [string, string])[] | Readonly<Record<string, string>>): void {
    this.#trailers ??= Object.create(null) as Record<string, Value>
    for (const [name, value] of Array.isArray(given) ? given : Object.entries(given)) {
      const lower = name.toLowerCase()
      validateHeaderName(lower)
      validateHeaderValue(lower, value)
      if (forbidden.has(lower)) continue
      const before = this.#trailers[lower]
      this.#trailers[lower] = before === undefined ? value : [before, value].flat().map(String)
    }
  }

  writeContinue(): void {
    this.#inform(100, {})
  }

  writeEarlyHints(hints: Record<string, string | string[]>): void {
    for (const [name, value] of Object.entries(hints)) validateHeaderValue(name, value as string)
    this.#inform(103, hints)
  }

  override end(chunk?: unknown, encoding?: unknown, told?: unknown): this {
    // What is whole needs no frame of its own to say that it has ended.
    this.#isLast = isOnePiece(chunk) && this.#trailers === undefined && this.writableLength === 0
    return super.end(chunk as string, encoding as BufferEncoding, told as () => void)
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    const { stream } = this
    // The client has left, which `close` is about to tell; or it asked for no body.
    if (!this.#isOpen) return
    const isWhole = this.#isLast && !stream.headersSent
    if (!stream.headersSent) this.#begin(false)
    if (!this.#isOpen) return
    if (this.req.method === 'HEAD' || withoutBody(this.statusCode)) done()
    else if (isWhole) stream.end(chunk, encoding, () => done())
    else writePieces(stream, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk, done)
  }

  override _final(done: () => void): void {
    const { stream } = this
    if (this.#isOut || this.#isSwitched) {
      done()
      return
    }
    if (!this.#isOpen) return
    if (!stream.headersSent) this.#begin(this.#trailers === undefined)
    if (!this.#isOpen) return
    if (this.#awaitsTrailers) {
      stream.once('wantTrailers', () => {
        stream.sendTrailers({ ...this.#trailers } as OutgoingHttpHeaders)
        // Node sends them in the next turn.
        afterThisTurn(done)
      })
      stream.end()
    } else if (stream.writableFinished) done()
    else {
      stream.once('finish', () => done())
      stream.end()
    }
  }

  /** What is not whole is reset, and only that: the other streams of the connection go on. */
  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    const { stream } = this
    if (this.#isSwitched) {
      if (stream.closed) done()
      else stream.once('close', () => done())
      return
    }
    if (this.writableFinished) this.req.discard()
    else {
      if (!stream.closed) stream.close(constants.NGHTTP2_INTERNAL_ERROR)
      this.req.cut()
      // A client that resets without an error would be waited for until all that it sent is read.
      afterThisTurn(() => stream.destroy())
    }
    done()
  }

  /** All of it was taken, and nobody reset it. */
  get #isOut(): boolean {
    const { stream } = this
    return this.writableEnded && stream.headersSent && stream.writableFinished && stream.rstCode === constants.NGHTTP2_NO_ERROR
  }

  get #isOpen(): boolean {
    return !this.stream.destroyed && !this.stream.closed
  }

  /**
   * Sends the fields. An answer of several pieces ends with trailers, or an empty frame in their place: a stream of Node that is
   * reset before would otherwise say END_STREAM, and what is not whole would look as if it were.
   */
  #begin(endStream: boolean): void {
    const fields = this.#fields
    if (this.statusCode === 204) delete fields['content-length']
    const hasBody = !endStream && this.req.method !== 'HEAD' && !withoutBody(this.statusCode)
    this.#awaitsTrailers = hasBody && !this.#isLast
    const options = { endStream: !hasBody, waitForTrailers: this.#awaitsTrailers, sendDate: this.sendDate }
    try {
      this.stream.respond({ ...(fields as OutgoingHttpHeaders), ':status': this.statusCode }, options)
    } catch (error) {
      // A status that HTTP/2 does not have. It may be called from within Node, where it would end the process.
      this.destroy(error as Error)
    }
  }

  #inform(status: number, fields: Record<string, string | string[]>): void {
    if (this.#isOpen && !this.headersSent) this.stream.additionalHeaders({ ...fields, ':status': status })
  }
}
