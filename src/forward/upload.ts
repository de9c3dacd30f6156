import { Readable } from 'node:stream'
import type { RequestBody } from './request-body.ts'

/** Told whom a streamed upload is waiting for, so that nobody is blamed for another's pace. */
export interface UploadObserver {
  /** The target takes no more for now. */
  waitsForTarget(): void
  waitsForClient(): void
  /** The client has sent all. */
  received(): void
  tooLarge(): void
}

/**
 * A request body on its way to one target: what was kept first, then what the client sends, at the pace of the slower side.
 * Ending it leaves the client's side alone, since another attempt may go on with it as long as nothing of it was taken.
 */
export class Upload extends Readable {
  readonly #body: RequestBody
  readonly #observer: UploadObserver
  #kept: readonly Buffer[]
  #attached = false

  constructor(body: RequestBody, kept: readonly Buffer[], observer: UploadObserver) {
    super({ highWaterMark: 64 * 1024 })
    this.#body = body
    this.#kept = kept
    this.#observer = observer
  }

  override _read(): void {
    const kept = this.#kept
    this.#kept = []
    for (const chunk of kept) this.push(chunk)
    this.#observer.waitsForClient()
    if (!this.#attached) {
      this.#attached = true
      this.#body.want()
      // A body that was there as a whole ends with its last byte, whether or not it was paused with it.
      if (this.#body.source.readableEnded) {
        this.#onEnd()
        return
      }
      this.#body.source.on('data', this.#onData).on('end', this.#onEnd)
    }
    this.#body.source.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#body.source.off('data', this.#onData).off('end', this.#onEnd)
    if (this.#attached && !this.#body.complete) this.#body.source.pause()
    done(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    const body = this.#body
    body.took(chunk)
    if (body.isTooLarge) {
      this.#observer.tooLarge()
      return
    }
    if (this.push(chunk)) return
    body.source.pause()
    this.#observer.waitsForTarget()
  }

  readonly #onEnd = (): void => {
    this.#body.end()
    this.push(null)
    this.#observer.received()
  }
}
