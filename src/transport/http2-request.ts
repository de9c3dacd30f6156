import type { IncomingHttpHeaders } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { ErrorCode } from '../model/errors.ts'
import { afterThisTurn } from '../time/next-turn.ts'
import type { Http2Head } from './http2-head.ts'

/**
 * A request that came in a stream of HTTP/2, with all that an IncomingMessage has for those who read one. Node's own class for it
 * ends a body that was cut as it ends a complete one: here only the client's END_STREAM is the end of a body.
 */
export class Http2Request extends Readable {
  readonly httpVersion = '2.0'
  readonly httpVersionMajor = 2
  readonly httpVersionMinor = 0
  readonly stream: ServerHttp2Stream
  /** Of the connection, which other streams have in common with this one. */
  readonly socket: Socket
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: string[]
  method: string
  url: string
  /** Fields cannot say it: a body of unknown length has none that does. */
  readonly hasBody: boolean
  readonly fault: ErrorCode | undefined
  /** What the stream is to carry in place of a body. */
  readonly protocol: string | undefined
  /** Those of requests go nowhere. */
  readonly trailers: NodeJS.Dict<string> = {}
  readonly rawTrailers: string[] = []
  /** All of it has come. */
  complete = false
  aborted = false
  #reads = false

  constructor(stream: ServerHttp2Stream, head: Http2Head, socket: Socket) {
    super()
    this.stream = stream
    this.socket = socket
    this.headers = head.headers
    this.rawHeaders = head.rawHeaders
    this.method = head.method
    this.url = head.url
    this.fault = head.fault
    this.protocol = head.protocol
    const hasNone = stream.endAfterHeaders || head.protocol !== undefined
    this.hasBody = !hasNone && head.headers['content-length'] !== '0'
    if (hasNone) {
      this.complete = true
      this.push(null)
    } else {
      stream.on('end', () => this.#ended())
      stream.on('close', () => this.cut())
    }
  }

  get connection(): Socket {
    return this.socket
  }

  override _read(): void {
    if (this.#reads) {
      this.stream.resume()
      return
    }
    this.#reads = true
    this.stream.on('data', this.#onData)
  }

  /** Reads no more of a body that nobody asks for, and has the client send no more of it (RFC 9113 section 8.1). */
  discard(): void {
    if (this.complete) return
    this.cut()
    // What has come and is not read would keep the stream.
    this.stream.resume()
    afterThisTurn(() => this.#dismiss(false))
  }

  /** nghttp2 drops what waits to be sent in a stream that is reset: the answer is to be out before. */
  #dismiss(isHeard: boolean): void {
    const { stream } = this
    const { session } = stream
    if (stream.destroyed || session === undefined || session.destroyed) return
    if (isHeard || stream.closed || stream.state.localClose === 1) {
      stream.close(constants.NGHTTP2_NO_ERROR)
      afterThisTurn(() => stream.destroy())
    } else {
      // The connection is busy. Who answers this has read what was sent before.
      session.ping(() => this.#dismiss(true))
    }
  }

  /** The rest of it will not come. */
  cut(): void {
    if (this.complete || this.aborted) return
    this.aborted = true
    this.emit('aborted')
    this.destroy()
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    this.stream.off('data', this.#onData)
    // Told to nobody: who reads it hears of the client's end by `close`.
    done()
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.stream.pause()
  }

  /** A stream that is reset ends too. */
  #ended(): void {
    const { stream } = this
    if (this.aborted || stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return
    this.complete = true
    this.push(null)
  }
}
