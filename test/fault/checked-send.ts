import type { Dispatcher, Pool } from 'undici'
import { AnswerReader } from '../../src/load/answer-reader.ts'
import type { LoadOutcome } from '../../src/load/outcome.ts'

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

/** Keeps the body, and says what is wrong with the answer. */
class CheckedReader extends AnswerReader {
  readonly #id: string
  readonly #chunks: Buffer[] = []

  constructor(id: string, heard: Heard) {
    super(outcome => heard(outcome, this.#faultOf(outcome)))
    this.#id = id
  }

  override onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  #faultOf(outcome: LoadOutcome): string | undefined {
    if (outcome.kind === 'answer') return faultOf(this.status, Buffer.concat(this.#chunks).toString(), this.#id)
    return `${reasonOf(outcome)}${this.status === 0 ? '' : ` after status ${this.status}`}`
  }
}

/** Sends a request and reads the whole answer. Answers a function that gives it up; then nothing is heard. */
export function checkedSend(pool: Pool, { id, method, headers }: Asked, heard: Heard): () => void {
  const reader = new CheckedReader(id, heard)
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
