import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestScope } from '../../src/testing.ts'

/** A connection seen as bytes, for what no HTTP library would send or show. Texts are latin1: a character a byte. */
export class Wire {
  readonly socket: Socket
  /** Resolves when the connection is gone, however it ends. */
  readonly closed: Promise<void>
  #text = ''

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
    socket.on('data', chunk => {
      this.#text += chunk.toString('latin1')
    })
    // How a connection ends is for `closed` to tell.
    socket.on('error', () => {})
  }

  /** All that has come so far. */
  get text(): string {
    return this.#text
  }

  send(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Resolves with the match once what has come matches. Rejects when the connection ends before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text)
      if (match !== null) return match
      if (this.socket.destroyed || this.socket.readableEnded)
        throw new Error(`the connection ended without ${pattern}: ${this.#text}`)
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'end'), this.closed])
    }
  }

  /** All that comes until the other side ends. */
  async all(): Promise<string> {
    if (!this.socket.readableEnded && !this.socket.destroyed) await Promise.race([once(this.socket, 'end'), this.closed])
    return this.#text
  }
}

/** A client's connection to a port of 127.0.0.1, which goes with the test. */
export async function wireTo(t: TestScope, port: number): Promise<Wire> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  t.after(async () => void socket.destroy())
  await once(socket, 'connect')
  return new Wire(socket)
}

export interface WireServer {
  readonly url: string
  readonly port: number
  /** Every connection that was made to it, the first first. */
  readonly wires: readonly Wire[]
  /** The given one of its connections, the first is 1, once it is made. */
  connected(count: number): Promise<Wire>
}

/** A server that speaks bytes; `speak` is called for each connection, with its number from 1. */
export async function wireServer(t: TestScope, speak: (wire: Wire, connection: number) => unknown): Promise<WireServer> {
  const wires: Wire[] = []
  const server = createServer(socket => {
    const wire = new Wire(socket)
    wires.push(wire)
    server.emit('wire')
    // A connection that ends early is no error of the server's: tests assert what became of it.
    Promise.resolve(speak(wire, wires.length)).catch(() => {})
  })
  t.after(async () => {
    server.close()
    for (const { socket } of wires) socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a host and port has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const connected = async (count: number) => {
    for (;;) {
      const wire = wires[count - 1]
      if (wire !== undefined) return wire
      await once(server, 'wire')
    }
  }
  return { url: `http://127.0.0.1:${port}`, port, wires, connected }
}

/** Answers each request head with the next of these texts, and the last to all that follow. */
export function answering(...texts: readonly string[]): (wire: Wire) => void {
  let answered = 0
  return wire => {
    let heads = 0
    wire.socket.on('data', () => {
      const seen = wire.text.split('\r\n\r\n').length - 1
      for (; heads < seen; heads++) wire.send(texts[Math.min(answered++, texts.length - 1)] ?? '')
    })
  }
}
