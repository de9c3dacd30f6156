import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Upload, type UploadObserver } from './upload.ts'

/** What a request brings: nothing, few enough bytes to keep, or a stream of which the first bytes are kept. */
export type BodyKind = 'none' | 'whole' | 'stream'

/**
 * RFC 9112 section 6.3: a request has a body if one of two fields says so; here one of no bytes is none. In HTTP/2 no field need
 * say it, and the request itself does.
 */
export function hasBody(request: { readonly headers: IncomingHttpHeaders; readonly hasBody?: boolean }): boolean {
  const { headers } = request
  if (request.hasBody !== undefined) return request.hasBody
  return (
    headers['transfer-encoding'] !== undefined ||
    (headers['content-length'] !== undefined && Number(headers['content-length']) > 0)
  )
}

/** Told while a body is being read, before anything of it is sent. */
export interface CollectObserver {
  /** All that can be kept is here: `kind` is settled and attempts may begin. */
  collected(): void
  tooLarge(): void
}

/** The body of one request, for as many attempts as it can serve. Sizes in bytes. */
export class RequestBody {
  readonly source: IncomingMessage
  readonly maxBytes: number
  /** What Content-Length says; undefined for a chunked body. */
  readonly declaredBytes: number | undefined
  kind: BodyKind
  /** Read so far, the kept ones included. */
  bytes = 0
  /** Some of it went to a target and cannot be had again. */
  consumed = false
  /** The client has sent all of it. */
  complete = false
  #kept: Buffer[] = []
  #permit: (() => void) | undefined

  /** `permit` lets a client that waits for it send its body; it is called when the first byte is wanted. */
  constructor(source: IncomingMessage, maxBytes: number, permit: () => void) {
    this.source = source
    this.maxBytes = maxBytes
    this.#permit = permit
    const { 'content-length': length, 'transfer-encoding': coding } = source.headers
    this.declaredBytes = coding === undefined && length !== undefined ? Number(length) : undefined
    this.kind = hasBody(source) ? 'stream' : 'none'
    this.complete = this.kind === 'none'
  }

  get replayable(): boolean {
    return this.kind !== 'stream' || !this.consumed
  }

  /** The length to announce to an upstream; undefined lets it be chunked. */
  get length(): number | undefined {
    return this.kind === 'whole' ? this.bytes : this.declaredBytes || undefined
  }

  /** Reads until the end or until `bufferBytes` are kept. A body that is known to be longer is not read at all. */
  collect(bufferBytes: number, observer: CollectObserver): void {
    const { source } = this
    if (this.declaredBytes !== undefined && this.declaredBytes > bufferBytes) {
      observer.collected()
      return
    }
    const stop = () => {
      source.off('data', onData)
      source.off('end', onEnd)
    }
    const onData = (chunk: Buffer) => {
      this.#kept.push(chunk)
      this.bytes += chunk.length
      if (this.bytes <= Math.min(bufferBytes, this.maxBytes)) return
      stop()
      source.pause()
      if (this.bytes > this.maxBytes) observer.tooLarge()
      else observer.collected()
    }
    const onEnd = () => {
      stop()
      this.end()
      observer.collected()
    }
    this.want()
    source.on('data', onData)
    source.on('end', onEnd)
  }

  /** Somebody is about to read it. */
  want(): void {
    this.#permit?.()
    this.#permit = undefined
  }

  /** The client has sent all of it. If nothing was taken but what is kept, that is all of it, and an attempt needs no more. */
  end(): void {
    this.complete = true
    if (!this.consumed) this.kind = 'whole'
  }

  /** What one attempt sends. */
  open(observer: UploadObserver): Buffer | Readable | null {
    if (this.kind === 'none') return null
    if (this.kind === 'stream') return new Upload(this, this.#kept, observer)
    if (this.#kept.length > 1) this.#kept = [Buffer.concat(this.#kept)]
    return this.#kept[0] ?? null
  }
}
