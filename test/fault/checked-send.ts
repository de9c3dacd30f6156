import type { Dispatcher, Pool } from 'undici'
import { failureOf, type LoadOutcome } from '../../src/load/outcome.ts'

/** One request of the load. Its id is in `x-fault-id`, and every good answer repeats it. */
export interface Asked {
  readonly id: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
}

/** What came back: the load's outcome, and in a few words why it is not good; undefined when it is. */
export type Heard = (outcome: LoadOutcome, wrong: string | undefined) => void

/** What is wrong with an answer: its status, or a body that is not the whole one of this request. */
function faultOf(status: number, text: string, id: string): string | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  const named = typeof body === 'object' && body !== null ? body : {}
  if (status !== 200) return 'code' in named ? `${status} ${named.code}` : String(status)
  return 'id' in named && named.id === id ? undefined : '200 with another body'
}

function reasonOf(outcome: LoadOutcome): string {
  if (outcome.kind === 'answer') return String(outcome.status)
  return outcome.failure === 'other' ? outcome.reason : outcome.failure
}

class Reader implements Dispatcher.DispatchHandler {
  readonly #id: string
  readonly #heard: Heard
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #cancelled = false
  #status = 0

  constructor(id: string, heard: Heard) {
    this.#id = id
    this.#heard = heard
  }

  cancel(): void {
    this.#cancelled = true
    this.#controller?.abort(new Error('given up'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#cancelled) controller.abort(new Error('given up'))
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const wrong = faultOf(this.#status, Buffer.concat(this.#chunks).toString(), this.#id)
    this.#heard({ kind: 'answer', status: this.#status }, wrong)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#cancelled) return
    const outcome = failureOf(error)
    this.#heard(outcome, `${reasonOf(outcome)}${this.#status === 0 ? '' : ` after status ${this.#status}`}`)
  }
}

/** Sends a request and reads the whole answer. Answers a function that gives it up; then nothing is heard. */
export function checkedSend(pool: Pool, { id, method, headers }: Asked, heard: Heard): () => void {
  const reader = new Reader(id, heard)
  const posted = method === 'POST' ? { 'content-type': 'application/json' } : {}
  const options = {
    path: '/work',
    method,
    headers: { 'x-fault-id': id, ...posted, ...headers },
    headersTimeout: 0,
    bodyTimeout: 0
  }
  pool.dispatch({ ...options, body: method === 'POST' ? JSON.stringify({ id }) : null }, reader)
  return () => reader.cancel()
}
