import { Agent, request } from 'undici'

/** What an authority answered. Names of header fields are in lower case. */
export interface AuthorityAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** For a connection, and for an answer, in milliseconds. */
const patience = { connectMs: 10_000, answerMs: 30_000 }
const mostBytes = 1024 * 1024

/** Asks one authority over HTTP. */
export class Asking {
  readonly #agent: Agent

  /** `ca`: whom it is trusted by, as PEM; those that Node.js knows when absent. */
  constructor(ca: string | undefined) {
    this.#agent = new Agent({
      connect: { timeout: patience.connectMs, ...(ca === undefined ? {} : { ca }) },
      headersTimeout: patience.answerMs,
      bodyTimeout: patience.answerMs,
      maxResponseSize: mostBytes,
      keepAliveTimeout: 1000
    })
  }

  /** Rejects with an Error that says why there is no answer. */
  async ask(
    url: string,
    { method, body, headers, signal }: { method: string; body?: string; headers: Record<string, string>; signal: AbortSignal }
  ): Promise<AuthorityAnswer> {
    const answer = await request(url, {
      dispatcher: this.#agent,
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body })
    })
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}
