import type { Dispatcher } from 'undici'
import { failureOf, type LoadOutcome } from './outcome.ts'

/** Reads an answer to its end and tells how that was; the body is thrown away, unless a subclass keeps it. */
export class AnswerReader implements Dispatcher.DispatchHandler {
  protected status = 0
  readonly #done: (outcome: LoadOutcome) => void
  #controller: Dispatcher.DispatchController | undefined
  #cancelled = false

  constructor(done: (outcome: LoadOutcome) => void) {
    this.#done = done
  }

  /** Gives the request up, also while it waits for a connection. Then nothing is told. */
  cancel(): void {
    this.#cancelled = true
    this.#controller?.abort(new Error('given up'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#cancelled) controller.abort(new Error('given up'))
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status
  }

  /** undici wants it to be there. */
  onResponseData(_controller: Dispatcher.DispatchController, _chunk: Buffer): void {}

  onResponseEnd(): void {
    this.#done({ kind: 'answer', status: this.status })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#cancelled) this.#done(failureOf(error))
  }
}
