import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'

/** Told when the client's pace decides, so that the target is not blamed for it. */
export interface DownloadObserver {
  paused(): void
  resumed(): void
  /** Nobody reads it any more. */
  abandoned(): void
}

/** An answer's body on its way to the client, at the pace of the slower side. */
export class Download extends Readable {
  readonly #controller: Dispatcher.DispatchController
  readonly #observer: DownloadObserver
  #finished = false

  constructor(controller: Dispatcher.DispatchController, observer: DownloadObserver) {
    super({ highWaterMark: 64 * 1024 })
    this.#controller = controller
    this.#observer = observer
    // It may break while a hook is still at work, before anybody reads it; whoever does then is told.
    this.on('error', () => {})
  }

  override _read(): void {
    if (!this.#controller.paused) return
    this.#observer.resumed()
    this.#controller.resume()
  }

  add(chunk: Buffer): void {
    if (this.push(chunk)) return
    this.#controller.pause()
    this.#observer.paused()
  }

  finish(): void {
    this.#finished = true
    this.push(null)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#finished) this.#observer.abandoned()
    done(error)
  }
}
