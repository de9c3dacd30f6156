import type { Dispatcher } from 'undici'
import type { BodyExpectation } from '../body-expectation.ts'
import type { CheckResult } from '../check.ts'
import type { Statuses } from '../statuses.ts'
import { failed, failedOf } from './failure.ts'
import type { Trial } from './trial.ts'
import { readVector } from './vector.ts'

/** What an answer must be. */
export interface Expectation {
  readonly statuses: Statuses
  readonly body: BodyExpectation | undefined
}

export const gaveUp = new Error('given up')

/** What is looked at of a body. */
const examinedBytes = 256 * 1024

/** The request of one check, and what comes back. What undici still says after the trial is over goes unheard. */
export class HttpRequest implements Dispatcher.DispatchHandler {
  /** The answer has come to its end. */
  complete = false
  readonly #expectation: Expectation
  readonly #trial: Trial<CheckResult>
  readonly #retry: () => boolean
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #status = 0
  #controller: Dispatcher.DispatchController | undefined

  /** `retry` is asked when the connection breaks before an answer; it sends the request again, or says no. */
  constructor(expectation: Expectation, trial: Trial<CheckResult>, retry: () => boolean) {
    this.#expectation = expectation
    this.#trial = trial
    this.#retry = retry
  }

  /** Gives the request up, if it is under way. */
  abort(): void {
    this.#controller?.abort(gaveUp)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#trial.over) {
      controller.abort(gaveUp)
      return
    }
    this.#controller = controller
    this.#trial.awaits = 'answer'
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return
    this.#status = status
    this.#trial.awaits = 'end of the answer'
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#trial.over) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes >= examinedBytes) this.#trial.end(this.#judge())
  }

  onResponseEnd(): void {
    this.complete = true
    this.#controller = undefined
    this.#trial.end(this.#judge())
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#trial.over) return
    const connected = this.#controller !== undefined
    this.#controller = undefined
    if (connected && this.#status === 0 && this.#retry()) return
    this.#trial.end(failedOf(error, connected))
  }

  #judge(): CheckResult {
    const text = `status ${this.#status}`
    const { statuses, body } = this.#expectation
    if (!statuses(this.#status)) return failed('status', text)
    const content = Buffer.concat(this.#chunks).toString('utf8', 0, examinedBytes)
    if (body?.(content) === false) return failed('body', `${text}, but the body is not as expected`)
    const vector = readVector(content)
    return { ok: true, text, ...(vector === undefined ? {} : { vector }) }
  }
}
