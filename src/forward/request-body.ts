import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { isGrpc } from '../model/grpc-answer.ts'
import { afterThisTurn } from '../time/next-turn.ts'
import { MessageLengths } from './message-lengths.ts'
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

/**
 * The body of one request, for as many attempts as it can serve. Sizes in bytes. That of a gRPC call is a conversation: what the
 * client says next may wait for what the target has answered, and its limit is for each message.
 */
export class RequestBody {
  readonly source: IncomingMessage
  /** What Content-Length says; undefined for a chunked body. */
  readonly declaredBytes: number | undefined
  kind: BodyKind
  /** Read so far, the kept ones included. */
  bytes = 0
  /** Some of it went to a target and cannot be had again. */
  consumed = false
  /** The client has sent all of it. */
  complete = false
  readonly #maxBytes: number
  readonly #messages: MessageLengths | undefined
  #kept: Buffer[] = []
  /** So much of what a target has been sent is kept, if that is all. */
  #keepBytes = 0
  #permit: (() => void) | undefined

  /** `permit` lets a client that waits for it send its body; it is called when the first byte is wanted. */
  constructor(source: IncomingMessage, maxBytes: number, permit: () => void) {
    this.source = source
    this.#maxBytes = maxBytes
    this.#permit = permit
    this.#messages = isGrpc(source.headers['content-type']) ? new MessageLengths() : undefined
    const { 'content-length': length, 'transfer-encoding': coding } = source.headers
    this.declaredBytes = coding === undefined && length !== undefined ? Number(length) : undefined
    this.kind = hasBody(source) ? 'stream' : 'none'
    this.complete = this.kind === 'none'
  }

  /** True for a gRPC call. */
  get isConversation(): boolean {
    return this.#messages !== undefined
  }

  /** More has come, or is announced, than is taken. */
  get isTooLarge(): boolean {
    return this.isLongerThan(this.#maxBytes)
  }

  isLongerThan(bytes: number): boolean {
    return (this.#messages?.longest ?? Math.max(this.bytes, this.declaredBytes ?? 0)) > bytes
  }

  get replayable(): boolean {
    return this.kind !== 'stream' || !this.consumed
  }

  /** The length to announce to an upstream; undefined lets it be chunked. */
  get length(): number | undefined {
    return this.kind === 'whole' ? this.bytes : this.declaredBytes || undefined
  }

  /**
   * Reads until the end or until `bufferBytes` are kept, and of a conversation only what is there already. A body that is known to
   * be longer is not read at all.
   */
  collect(bufferBytes: number, observer: CollectObserver): void {
    const { source } = this
    if (this.declaredBytes !== undefined && this.declaredBytes > bufferBytes) {
      observer.collected()
      return
    }
    let done = false
    const stop = () => {
      done = true
      source.off('data', onData)
      source.off('end', onEnd)
    }
    const goOn = () => {
      stop()
      source.pause()
      if (this.isTooLarge) observer.tooLarge()
      else observer.collected()
    }
    const onData = (chunk: Buffer) => {
      this.#count(chunk)
      this.#kept.push(chunk)
      if (this.bytes > bufferBytes || this.isTooLarge) goOn()
    }
    const onEnd = () => {
      stop()
      this.end()
      observer.collected()
    }
    this.want()
    source.on('data', onData)
    source.on('end', onEnd)
    if (!this.isConversation) return
    this.#keepBytes = bufferBytes
    afterThisTurn(() => {
      if (!done) goOn()
    })
  }

  /** A target is about to be sent this. */
  took(chunk: Buffer): void {
    this.#count(chunk)
    if (this.bytes <= this.#keepBytes) {
      this.#kept.push(chunk)
    } else {
      this.consumed = true
      this.#kept = []
    }
  }

  #count(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#messages?.add(chunk)
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
    if (this.kind === 'stream') return new Upload(this, [...this.#kept], observer)
    if (this.#kept.length > 1) this.#kept = [Buffer.concat(this.#kept)]
    return this.#kept[0] ?? null
  }
}
