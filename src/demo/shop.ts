// The process of one demo service: `node shop.ts NAME [HOST:]PORT`. It listens on 127.0.0.1 unless a host is named. Started
// by another process with a channel, it reports there and ends with it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { monotonicClock } from '../time/clock.ts'
import { Deadlines, type Timed } from '../time/deadlines.ts'
import { processRandom } from '../time/random.ts'
import { type DemoServiceName, demoServices, isDemoService, lastSegment, react } from './behaviour.ts'

/** What a service tells its parent, once. */
export type ServiceReport = { readonly listening: true } | { readonly listening: false; readonly reason: string }

const ECHO_BYTES = 64 * 1024

function send(response: ServerResponse, status: number, answer: object): void {
  const body = Buffer.from(`${JSON.stringify(answer)}\n`)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}

async function echo(name: DemoServiceName, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes <= ECHO_BYTES) chunks.push(chunk)
  }
  const { method, url: path, headers } = request
  if (bytes > ECHO_BYTES) send(response, 413, { service: name, error: `at most ${ECHO_BYTES} bytes are echoed` })
  else send(response, 200, { service: name, pid: process.pid, method, path, headers, body: Buffer.concat(chunks).toString() })
}

function handler(name: DemoServiceName): (request: IncomingMessage, response: ServerResponse) => void {
  const delayed = new Deadlines()
  return (request, response) => {
    // The server hands over only requests with a path.
    const path = request.url as string
    const segment = lastSegment(path)
    const { status, delayMs } = react(name, segment, processRandom)
    const answer = (): void => {
      if (segment === 'echo' && status === 200) {
        // The client went away in the middle of its request: nobody is left to be told.
        echo(name, request, response).catch(() => response.destroy())
        return
      }
      request.resume()
      if (segment === 'health') send(response, status, { service: name, status: 'ok' })
      else send(response, status, { service: name, pid: process.pid, path, at: new Date().toISOString() })
    }
    if (delayMs === 0) {
      answer()
      return
    }
    const entry: Timed = {
      dueAt: monotonicClock() + delayMs,
      due: () => {
        delayed.remove(entry)
        answer()
      },
      previous: undefined,
      next: undefined
    }
    delayed.add(entry)
    response.once('close', () => delayed.remove(entry))
  }
}

/** Tells the parent, or whoever reads standard error; `told` runs when the message is on its way. */
function report(message: ServiceReport, told: () => void = () => {}): void {
  if (process.send) process.send(message, undefined, undefined, told)
  else if (!message.listening) process.stderr.write(`${message.reason}\n`, told)
}

function serve(name: DemoServiceName, host: string, port: number): void {
  const server = createServer({ keepAliveTimeout: 65_000 }, handler(name))
  const stop = (): void => {
    server.close(() => process.exit(0))
    server.closeIdleConnections()
  }
  server.once('error', (error: NodeJS.ErrnoException) => {
    const reason = error.code === 'EADDRINUSE' ? `port ${port} is taken: another process listens on it` : error.message
    process.exitCode = 1
    report({ listening: false, reason }, () => process.disconnect?.())
  })
  server.listen(port, host, () => report({ listening: true }))
  process.once('SIGTERM', stop)
  if (process.send) {
    // Ctrl-C reaches every process of the terminal; the parent decides when its services end.
    process.on('SIGINT', () => {})
    process.once('disconnect', () => process.exit())
  } else {
    process.once('SIGINT', stop)
  }
}

function main([name, address = '']: readonly string[]): void {
  const [, host = '127.0.0.1', port = ''] = /^(?:(.+):)?(\d+)$/.exec(address) ?? []
  if (isDemoService(name) && port !== '') {
    serve(name, host, Number(port))
    return
  }
  process.stderr.write(`usage: shop ${demoServices.join('|')} [HOST:]PORT\n`)
  process.exitCode = 2
}

main(process.argv.slice(2))
