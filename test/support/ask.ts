import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** Absent: a connection of its own. */
  readonly agent?: Agent
}

/** An answer that came completely. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value, as they came. */
  readonly rawHeaders: readonly string[]
  readonly trailers: NodeJS.Dict<string>
  /** Answers of 1xx before the final one. */
  readonly informational: readonly { readonly status: number; readonly headers: IncomingHttpHeaders }[]
  readonly body: Buffer
  /** The body as text. */
  readonly text: string
}

/** Asks and reads the whole answer. Rejects when the connection breaks before its end. */
export async function ask(url: string, { method = 'GET', headers = {}, body, agent }: Question = {}): Promise<Answered> {
  const informational: Answered['informational'][number][] = []
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // Node takes lists of values as they are; its type does not say that it leaves them alone.
    const options = { method, headers: headers as Record<string, string | string[]>, agent: agent ?? false }
    const asking = request(url, options, resolve)
    asking.on('information', ({ statusCode, headers }) => informational.push({ status: statusCode, headers }))
    asking.on('error', reject)
    asking.end(body)
  })
  const whole = Buffer.concat(await response.toArray())
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    trailers: response.trailers,
    informational,
    body: whole,
    text: whole.toString()
  }
}

/** A problem that the gateway answered, with its status. */
export async function askProblem(url: string, question: Question = {}): Promise<Record<string, unknown>> {
  const { headers, text, status } = await ask(url, question)
  if (!headers['content-type']?.startsWith('application/problem+json')) throw new Error(`no problem but ${status}: ${text}`)
  return JSON.parse(text)
}
