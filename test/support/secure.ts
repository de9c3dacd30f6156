import { once } from 'node:events'
import type { Agent } from 'node:https'
import { request } from 'node:https'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { TestScope } from '../../src/testing.ts'
import { Wire } from './wire.ts'

/** A client's TLS connection to a port of 127.0.0.1, which goes with the test. Rejects when the handshake fails. */
export async function secureTo(
  t: TestScope,
  port: number,
  options: ConnectionOptions
): Promise<Wire & { readonly socket: TLSSocket }> {
  const socket = connect({ host: '127.0.0.1', port, ...options })
  t.after(async () => void socket.destroy())
  await once(socket, 'secureConnect')
  return new Wire(socket) as Wire & { readonly socket: TLSSocket }
}

/** The name in the certificate that a server shows for a name. */
export async function shownTo(t: TestScope, port: number, servername: string | undefined): Promise<string> {
  const { socket } = await secureTo(t, port, { ...(servername && { servername }), rejectUnauthorized: false })
  const { CN } = socket.getPeerCertificate().subject
  socket.destroy()
  return String(CN)
}

/** Why a handshake fails, or what is said first on a connection that is made: an error's code. */
export async function failureOf(t: TestScope, port: number, options: ConnectionOptions): Promise<string> {
  try {
    const { socket } = await secureTo(t, port, { rejectUnauthorized: false, ...options })
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    const [said] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['closed'])])
    return String(said)
  } catch (error) {
    // Errors of TLS have codes.
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

/** GETs over TLS and reads the whole answer. */
export async function askSecurely(
  url: string,
  options: ConnectionOptions & { readonly headers?: Record<string, string>; readonly agent?: Agent } = {}
): Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }> {
  const asking = request(url, { rejectUnauthorized: false, agent: false, ...options })
  asking.end()
  const [response] = await once(asking, 'response')
  const text = Buffer.concat(await response.toArray()).toString()
  return { status: response.statusCode, text, headers: response.headers }
}
