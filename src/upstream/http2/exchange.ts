import type { IncomingHttpHeaders } from 'node:http'
import { type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from 'node:http2'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { streamFailure } from './failures.ts'
import { answerFields } from './fields.ts'

/** Where a request can be sent. */
export interface StreamSource {
  open(fields: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream
  /** The peer has said that it did nothing with this stream. */
  leftOut(stream: ClientHttp2Stream): boolean
}

/** One request and its answer, told to undici's handler as undici's own clients tell it. */
export class Http2Exchange implements Dispatcher.DispatchController {
  aborted = false
  reason: Error | null = null
  paused = false
  readonly #fields: OutgoingHttpHeaders
  readonly #body: Dispatcher.DispatchOptions['body']
  readonly #handler: Dispatcher.DispatchHandler
  #source: StreamSource | undefined
  #stream: ClientHttp2Stream | undefined
  #trailers: IncomingHttpHeaders = {}
  #error: unknown
  #over = false
  #answered = false
  /** END_STREAM has come. */
  #whole = false
  #pendingBytes = 0

  constructor(fields: OutgoingHttpHeaders, body: Dispatcher.DispatchOptions['body'], handler: Dispatcher.DispatchHandler) {
    this.#fields = fields
    this.#body = body
    this.#handler = handler
    if (body instanceof Readable) body.on('error', error => this.abort(error))
  }

  /** Sends the request, unless its handler has given up; `closed` is called when the stream has ended on both sides. */
  start(source: StreamSource, closed: () => void): void {
    this.#tell(() => this.#handler.onRequestStart?.(this, {}))
    const stream = this.#over ? undefined : this.#opened(source)
    if (stream === undefined) {
      closed()
      return
    }
    this.#source = source
    this.#stream = stream
    watchEnd(stream, bytes => {
      if (bytes === undefined) this.#whole = true
      else this.#pendingBytes += bytes
    })
    stream.on('headers', fields => this.#informed(answerFields(fields), Number(fields[':status'])))
    stream.on('response', fields => this.#answer(answerFields(fields), Number(fields[':status'])))
    stream.on('trailers', fields => (this.#trailers = answerFields(fields)))
    stream.on('end', () => this.#ended())
    stream.on('error', error => (this.#error = error))
    stream.once('close', () => {
      closed()
      this.#ended()
    })
    this.#upload(stream)
  }

  /** Nothing more is to come of the answer, read or not. */
  get isWhole(): boolean {
    return this.#whole
  }

  /** It never came to a stream, or the stream is of no use any more. */
  fail(error: Error): void {
    if (this.#over) return
    this.#end(false)
    this.#tell(() => this.#handler.onResponseError?.(this, error))
  }

  abort(reason: Error): void {
    if (this.#over) return
    this.aborted = true
    this.reason = reason
    this.fail(reason)
  }

  pause(): void {
    this.paused = true
    this.#stream?.pause()
  }

  resume(): void {
    this.paused = false
    if (this.#answered) this.#stream?.resume()
  }

  #opened(source: StreamSource): ClientHttp2Stream | undefined {
    try {
      return source.open(this.#fields, this.#body === null || this.#body === undefined)
    } catch (error) {
      this.fail(streamFailure({ error, resetCode: 0, answered: false, leftOut: false }))
      return undefined
    }
  }

  #upload(stream: ClientHttp2Stream): void {
    const body = this.#body
    const sent = () => {
      if (!this.#over) this.#tell(() => this.#handler.onRequestSent?.())
    }
    if (body === null || body === undefined) {
      sent()
      return
    }
    stream.once('finish', sent)
    if (body instanceof Readable) {
      body.pipe(stream)
    } else if (typeof body === 'string' || body instanceof Uint8Array) {
      stream.end(body)
    } else {
      this.abort(new TypeError('a body is a string, bytes or a stream'))
    }
  }

  #informed(fields: IncomingHttpHeaders, status: number): void {
    if (!this.#over && status > 100) this.#tell(() => this.#handler.onResponseStart?.(this, status, fields))
  }

  #answer(fields: IncomingHttpHeaders, status: number): void {
    const stream = this.#stream
    if (this.#over || stream === undefined) return
    this.#answered = true
    this.#tell(() => this.#handler.onResponseStart?.(this, status, fields))
    stream.on('data', (chunk: Buffer) => {
      this.#pendingBytes -= chunk.length
      if (!this.#over) this.#tell(() => this.#handler.onResponseData?.(this, chunk))
    })
  }

  /** Nothing more comes: a stream that was reset without an error looks the same to Node as one that was complete. */
  #ended(): void {
    if (this.#over || this.#stream === undefined) return
    if (this.#whole && this.#answered && this.#pendingBytes === 0) {
      this.#end(true)
      this.#tell(() => this.#handler.onResponseEnd?.(this, this.#trailers))
      return
    }
    const leftOut = this.#source?.leftOut(this.#stream) ?? false
    const { rstCode: resetCode = 0 } = this.#stream
    this.fail(streamFailure({ error: this.#error, resetCode, answered: this.#answered, leftOut }))
  }

  /** Lets go of the stream and of the body. One that is closed on both sides but not read to its end waits to be read. */
  #end(complete: boolean): void {
    this.#over = true
    const stream = this.#stream
    if (this.#body instanceof Readable) {
      if (stream !== undefined) this.#body.unpipe(stream)
      this.#body.destroy()
    }
    if (stream === undefined || (complete && stream.writableFinished)) return
    // Node 24 would wait for ever for what the target has not taken of the request.
    if (stream.closed) stream.destroy()
    else cancel(stream)
  }

  /** What a handler throws ends its own exchange alone. */
  #tell(say: () => void): void {
    try {
      say()
    } catch (error) {
      this.abort(error instanceof Error ? error : new Error('a handler failed'))
    }
  }
}

/** Resets a stream, and that alone: Node would end it first, and a body that was cut would look whole. */
function cancel(stream: ClientHttp2Stream): void {
  stream.end = () => stream
  stream.close(constants.NGHTTP2_CANCEL)
}

/**
 * Tells of the bytes that come and, with `undefined`, of END_STREAM. A stream that the peer resets with NO_ERROR ends without an
 * error, whether or not its answer was complete (RFC 9113 section 8.1 allows the reset only after it): the difference is visible
 * only here.
 */
function watchEnd(stream: ClientHttp2Stream, tell: (bytes: number | undefined) => void): void {
  const push = stream.push.bind(stream)
  stream.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk !== null) tell(chunk.length)
    else if (!stream.closed && !stream.destroyed) tell(undefined)
    return push(chunk, encoding)
  }
}
