import { once } from 'node:events'
import { createServer } from 'node:net'

/** One that nobody has now, for a program that takes no port 0. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address')
  return address.port
}
