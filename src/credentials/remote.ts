import { type Dispatcher, Pool } from 'undici'
import type { Scheduler } from '../time/scheduler.ts'
import type { Report } from './report.ts'

/** At most so many connections, so many questions under way, and so many bytes of an answer. */
const most = { connections: 64, underWay: 1000, bytes: 256 * 1024 }

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface RemoteAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Somebody who is asked over HTTP about who sends a request. Redirects are not followed. */
export class Remote {
  readonly #pool: Pool
  readonly #url: URL
  readonly #timeoutMs: number
  readonly #scheduler: Scheduler
  readonly #report: Report
  #underWay = 0
  #isDown = false
  #closed = false

  constructor(url: string, timeoutMs: number, { scheduler, report }: { readonly scheduler: Scheduler; readonly report: Report }) {
    this.#url = new URL(url)
    this.#timeoutMs = timeoutMs
    this.#scheduler = scheduler
    this.#report = report
    this.#pool = new Pool(this.#url.origin, {
      connections: most.connections,
      connect: { timeout: timeoutMs },
      allowH2: false,
      pipelining: 1,
      // A question keeps its own time.
      headersTimeout: 0,
      bodyTimeout: 0
    })
  }

  /** Its answer, or undefined where there is none in time. Never rejects. */
  async ask(question: Question): Promise<RemoteAnswer | undefined> {
    if (this.#closed) return undefined
    if (this.#underWay >= most.underWay) return this.failed('too many questions are under way')
    this.#underWay++
    const giveUp = new AbortController()
    const cancel = this.#scheduler.after(this.#timeoutMs, () => giveUp.abort())
    try {
      const answer = await this.#send(question, giveUp.signal)
      const text = await textOf(answer.body)
      if (text === undefined) return this.failed('its answer is too long')
      return { status: answer.statusCode, headers: answer.headers, text }
    } catch (error) {
      return this.failed(giveUp.signal.aborted ? `no answer within ${this.#timeoutMs} ms` : reasonOf(error))
    } finally {
      cancel()
      this.#underWay--
    }
  }

  /** Once more where a connection broke without an answer: it may have been idle for too long, and asking twice does no harm. */
  async #send(question: Question, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { pathname, search } = this.#url
    const asked = { ...question, path: pathname + search, signal }
    try {
      return await this.#pool.request(asked)
    } catch (error) {
      if (!broken.has(codeOf(error)) || signal.aborted) throw error
      return await this.#pool.request(asked)
    }
  }

  /** Tells that it is of no use, once until it is again. */
  failed(why: string): undefined {
    if (this.#isDown || this.#closed) return
    this.#isDown = true
    this.#report({ kind: 'unreachable', url: this.#name, why })
  }

  /** Tells that its answer was of use. */
  succeeded(): void {
    if (!this.#isDown) return
    this.#isDown = false
    this.#report({ kind: 'reachable', url: this.#name })
  }

  /** Questions under way get no answer. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#pool.destroy()
  }

  /** A query may hold secrets. */
  get #name(): string {
    return this.#url.origin + this.#url.pathname
  }
}

/** Undefined where it is too long; the connection is then closed. */
async function textOf(body: Dispatcher.ResponseData['body']): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    // A stream of bytes, as nobody has set an encoding.
    const part = chunk as Buffer
    bytes += part.length
    if (bytes > most.bytes) return undefined
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString()
}

const broken: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '')

/** The code alone: a message may hold what was sent. */
const reasonOf = (error: unknown) => (codeOf(error) === '' ? 'failed' : `failed (${codeOf(error)})`)
