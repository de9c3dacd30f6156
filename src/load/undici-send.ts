import type { Dispatcher, Pool } from 'undici'
import type { Send } from './flights.ts'
import { failureOf, type LoadOutcome } from './outcome.ts'

/** A request that is sent over and over. */
export type LoadRequest = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
}

/** Reads an answer to its end and throws the body away. */
class Reader implements Dispatcher.DispatchHandler {
  readonly #done: (outcome: LoadOutcome) => void
  #controller: Dispatcher.DispatchController | undefined
  #cancelled = false
  #status = 0

  constructor(done: (outcome: LoadOutcome) => void) {
    this.#done = done
  }

  /** Gives the request up, also while it waits for a connection. */
  cancel(): void {
    this.#cancelled = true
    this.#controller?.abort(new Error('given up'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#cancelled) controller.abort(new Error('given up'))
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number): void {
    this.#status = statusCode
  }

  /** undici wants it to be there. */
  onResponseData(): void {}

  onResponseEnd(): void {
    this.#done({ kind: 'answer', status: this.#status })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#cancelled) this.#done(failureOf(error))
  }
}

/** Sends a request through a pool, which keeps it waiting while all its connections are busy. */
export function undiciSend(pool: Pool, request: LoadRequest): Send {
  // undici takes every method that is a token; its type lists the usual ones.
  const options = { ...request, method: request.method as Dispatcher.HttpMethod, headersTimeout: 0, bodyTimeout: 0 }
  return done => {
    const reader = new Reader(done)
    pool.dispatch(options, reader)
    return () => reader.cancel()
  }
}
