import { connect } from 'node:http2'
import { json } from 'node:stream/consumers'
import type { Answer, Question } from './ask.ts'
import type { Echo } from './echo.ts'

/** Sends a request over HTTP/2 without TLS, by prior knowledge. */
export async function askHttp2(url: string, { method, path, headers }: Question): Promise<Answer> {
  const session = connect(url)
  try {
    return await new Promise<Answer>((resolve, reject) => {
      session.on('error', reject)
      const { host = '', ...rest } = headers
      const stream = session.request({ ':method': method, ':path': path, ':authority': host, ...rest })
      stream.on('error', reject)
      stream.on('response', ({ ':status': status = 0, ...fields }) => {
        const named = Object.entries(fields).map(([name, value]) => [name, String(value)])
        const answer = { status, headers: Object.fromEntries(named) }
        if (fields['content-type'] !== 'application/json') return resolve(answer)
        // What the echo service says is its Echo.
        json(stream).then(echo => resolve({ ...answer, echo: echo as Echo }), reject)
      })
      stream.end()
    })
  } finally {
    session.destroy()
  }
}
