// One upstream, a process of its own that ends with its parent. It does what it is told and tells which requests came, at once,
// so that little is lost when it is killed.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { seededRandom } from '../../src/time/random.ts'
import { type Behaviour, type Command, type Message, type Question, serviceMs } from './behaviour.ts'

let random = seededRandom(0)
const server = createServer({ keepAliveTimeout: 65_000 }, take)
let behaviour: Behaviour = { kind: 'good' }
let closing = false
let freeAt: number[] = []
let arrivals: string[] = []
let effects: string[] = []

function tell(message: Message): void {
  if (process.connected) process.send?.(message)
}

function flush(): void {
  if (arrivals.length + effects.length === 0) return
  tell({ kind: 'seen', arrivals, effects })
  arrivals = []
  effects = []
}

function take(request: IncomingMessage, response: ServerResponse): void {
  response.on('error', () => {})
  if (request.url === '/health') {
    answerHealth(response)
    return
  }
  const id = String(request.headers['x-fault-id'])
  if (arrivals.push(id) === 1) setImmediate(flush)
  request.resume()
  request.once('end', () => work(id, request, response))
}

function answerHealth(response: ServerResponse): void {
  if (behaviour.kind === 'silent') return
  send(response, behaviour.kind === 'status' && behaviour.health ? behaviour.status : 200, 'health')
}

/** How a request goes is settled when it has come. */
function work(id: string, request: IncomingMessage, response: ServerResponse): void {
  const succeed = (): void => {
    if (request.method === 'POST') {
      effects.push(id)
      // Before the answer: whoever is killed after it has told.
      flush()
    }
    send(response, 200, id)
  }
  const hit = (share: number): boolean => random() < share
  switch (behaviour.kind) {
    case 'good':
      setTimeout(succeed, serviceMs)
      break
    case 'slow':
      setTimeout(succeed, behaviour.delayMs)
      break
    case 'tail':
      setTimeout(succeed, hit(behaviour.share) ? behaviour.delayMs : serviceMs)
      break
    case 'status':
      send(response, behaviour.status, id)
      break
    case 'reset':
      setTimeout(hit(behaviour.share) ? () => request.socket.resetAndDestroy() : succeed, serviceMs)
      break
    case 'cut':
      setTimeout(hit(behaviour.share) ? () => cut(response, id) : succeed, serviceMs)
      break
    case 'silent':
      break
    case 'garbage':
      setTimeout(() => babble(request), serviceMs)
      break
    case 'busy':
      setTimeout(succeed, waitForSlot(behaviour.slots))
  }
}

/** How long a request takes that waits for its turn. Counted on, so that late timers do not lower the capacity. */
function waitForSlot(slots: number): number {
  const now = performance.now()
  if (freeAt.length !== slots) freeAt = Array.from({ length: slots }, () => now)
  const earliest = Math.min(...freeAt)
  const until = Math.max(now, earliest) + serviceMs
  freeAt[freeAt.indexOf(earliest)] = until
  return until - now
}

function bodyOf(id: string): string {
  return `${JSON.stringify({ id, port: portOf(), text: 'x'.repeat(200) })}\n`
}

function send(response: ServerResponse, status: number, id: string): void {
  if (response.destroyed) return
  const body = bodyOf(id)
  const last = closing ? { connection: 'close' } : {}
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...last })
  response.end(body)
}

function cut(response: ServerResponse, id: string): void {
  if (response.destroyed) return
  const body = bodyOf(id)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.write(body.slice(0, body.length / 2), () => response.socket?.destroy())
}

function babble({ socket }: IncomingMessage): void {
  if (socket.destroyed) return
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nno chunk\r\n\r\n')
}

function portOf(): number {
  // A server that listens on a host and port has an AddressInfo; without listening it has null.
  return (server.address() as AddressInfo | null)?.port ?? 0
}

function open(port: number): Promise<void> {
  closing = false
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', backlog: 4096 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Resolves when the port is closed. */
async function close(abruptly: boolean): Promise<void> {
  closing = true
  if (server.listening) server.close()
  if (abruptly) server.closeAllConnections()
  else server.closeIdleConnections()
}

async function obey(command: Command): Promise<void> {
  switch (command.kind) {
    case 'open':
      return open(command.port)
    case 'close':
      return close(command.abruptly)
    case 'seed':
      random = seededRandom(command.seed)
      return
    case 'behave':
      behaviour = command.behaviour
      return
    case 'tell':
      return
  }
}

process.on('message', async ({ call, command }: Question) => {
  await obey(command)
  flush()
  tell({ kind: 'done', call, port: portOf() })
})
process.on('disconnect', () => process.exit(0))
// A terminal's Ctrl-C reaches every process; the parent decides when its upstreams end.
process.on('SIGINT', () => {})
process.once('SIGTERM', () => {
  closing = true
  server.close(() => process.disconnect?.())
})
