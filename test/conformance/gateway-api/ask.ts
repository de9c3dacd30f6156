import { once } from 'node:events'
import { type Agent, type IncomingMessage, request } from 'node:http'
import { request as requestTls } from 'node:https'
import { json } from 'node:stream/consumers'
import type { Echo } from './echo.ts'

export interface Question {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  /** Each field by its name in lower case, its values with a comma between. */
  readonly headers: Readonly<Record<string, string>>
  /** What the echo service says of the request; absent where it was not asked, or not for a body. */
  readonly echo?: Echo
}

/** Sends a request to a gateway, and reads the answer. Certificates are not looked at. */
export async function ask(url: string, { method, path, headers }: Question, agent: Agent): Promise<Answer> {
  const send = url.startsWith('https:') ? requestTls : request
  const outgoing = send(`${url}${path}`, { method, headers, agent, rejectUnauthorized: false })
  outgoing.end()
  // An answer is what node:http says it is.
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const fields = Object.entries(response.headersDistinct).map(([name, values = []]) => [name, values.join(',')])
  const answer = { status: response.statusCode ?? 0, headers: Object.fromEntries(fields) }
  const fromEcho = response.headers['content-type'] === 'application/json' && method !== 'HEAD'
  if (fromEcho) return { ...answer, echo: (await json(response)) as Echo }
  response.resume()
  if (!response.readableEnded) await once(response, 'end')
  return answer
}
