import type { Dispatcher, Pool } from 'undici'
import { AnswerReader } from './answer-reader.ts'
import type { Send } from './flights.ts'

/** A request that is sent over and over. */
export type LoadRequest = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
}

/** Sends a request through a pool, which keeps it waiting while all its connections are busy. */
export function undiciSend(pool: Pool, request: LoadRequest): Send {
  // undici takes every method that is a token; its type lists the usual ones.
  const options = { ...request, method: request.method as Dispatcher.HttpMethod, headersTimeout: 0, bodyTimeout: 0 }
  return done => {
    const reader = new AnswerReader(done)
    pool.dispatch(options, reader)
    return () => reader.cancel()
  }
}
