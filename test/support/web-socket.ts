import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import type { TestScope } from '../../src/testing.ts'

/** A WebSocket server that says everything again, on a port of 127.0.0.1, for as long as the test runs. */
export async function echoSockets(t: TestScope, options: ServerOptions = {}): Promise<{ url: string; server: WebSocketServer }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  t.after(async () => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  server.on('connection', socket => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))
  await once(server, 'listening')
  // A server that listens on a port has an AddressInfo.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** A WebSocket that is open, and goes with the test. */
export async function openSocket(t: TestScope, url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), options)
  t.after(async () => socket.terminate())
  await once(socket, 'open')
  return socket
}
