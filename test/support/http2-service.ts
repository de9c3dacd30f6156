import { once } from 'node:events'
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { TestScope } from '../../src/testing.ts'

export type Service = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

/** An HTTP/2 server by prior knowledge, or with TLS; it ends with the test. */
export async function http2Service(t: TestScope, service: Service, tls?: SecureServerOptions) {
  const sessions = new Set<ServerHttp2Session>()
  const server = tls === undefined ? createServer() : createSecureServer(tls)
  server.on('session', session => {
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {})
    service(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  // A server that listens on a host and port has an AddressInfo.
  const listening = server.address() as AddressInfo
  /** As a process that is killed: nothing is said, and nobody listens any more. */
  const kill = () => {
    server.close()
    for (const session of sessions) session.socket?.destroy()
  }
  return { kill, url: `${tls ? 'https' : 'http'}://127.0.0.1:${listening.port}`, sessions }
}
