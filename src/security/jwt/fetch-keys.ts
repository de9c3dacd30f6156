import { Agent, request } from 'undici'
import type { Scheduler } from '../../time/scheduler.ts'

/** Milliseconds for the whole of it. */
const longestMs = 5000
const mostBytes = 512 * 1024

/** Fetches the key sets of issuers. */
export class KeyFetcher {
  readonly #agent = new Agent({ connect: { timeout: longestMs }, keepAliveTimeout: 1000 })
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** The body of a 200 from this URL itself: no redirect is followed. Rejects with an Error that says why there is none. */
  async fetch(url: string): Promise<string> {
    const aborting = new AbortController()
    const cancel = this.#scheduler.after(longestMs, () => aborting.abort(new Error('no answer within 5 s')))
    try {
      const headers = { accept: 'application/jwk-set+json, application/json' }
      const { statusCode, body } = await request(url, { dispatcher: this.#agent, signal: aborting.signal, headers })
      body.on('error', () => {}) // told by the reading below, or of no interest
      if (statusCode !== 200) {
        body.destroy()
        throw new Error(`the status is ${statusCode}`)
      }
      return await read(body)
    } finally {
      cancel()
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

async function read(body: AsyncIterable<Buffer> & { destroy(): void }): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > mostBytes) {
      body.destroy()
      throw new Error(`the answer is larger than ${mostBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
