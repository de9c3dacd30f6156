// The upstream of every candidate, a process of its own: `node upstream.ts`. It listens on two free loopback ports, sends
// them to its parent and ends with it. Whatever is asked, it answers at once from memory.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { MessageReader } from './message-reader.ts'

const KIB = 1024
const MIB = 1024 * KIB

const mebibyte = Buffer.alloc(MIB, 'evergate')

function answer(type: string, body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

const small = answer(
  'application/json',
  Buffer.from(JSON.stringify({ id: 4711, name: 'a small answer', tags: ['fast', 'plain'], price: 12.5, available: true }))
)
const large = answer('application/octet-stream', mebibyte.subarray(0, 64 * KIB))
const larger = answer('application/octet-stream', Buffer.alloc(10 * MIB, 'evergate'))

/** Sends `mebibytes` MiB without ever holding more of it than one write. */
function stream(socket: Socket, mebibytes: number): void {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${mebibytes * MIB}\r\n\r\n`)
  let left = mebibytes
  const send = (): void => {
    while (left > 0 && !socket.destroyed) {
      left--
      if (!socket.write(mebibyte)) {
        socket.once('drain', send)
        return
      }
    }
  }
  send()
}

/** The last segment of the path says what is wanted: `64k`, `10m`, `stream-N` for N MiB, anything else the small answer. */
function respond(socket: Socket, target: string): void {
  // Some candidates add an empty query.
  const path = target.endsWith('?') ? target.slice(0, -1) : target
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name === '64k') socket.write(large)
  else if (name === '10m') socket.write(larger)
  else if (name.startsWith('stream-')) stream(socket, Number(name.slice('stream-'.length)))
  else socket.write(small)
}

function serve(socket: Socket): void {
  socket.setNoDelay(true)
  let path = ''
  const reader = new MessageReader({
    head: head => {
      path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/'))
    },
    end: () => respond(socket, path)
  })
  socket.on('data', chunk => reader.push(chunk))
  socket.on('error', () => socket.destroy())
}

function listen(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer(serve)
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
      // A server that listens on a host and port has an AddressInfo; the string and null are those of pipes and closed servers.
      resolve((server.address() as AddressInfo).port)
    })
  })
}

const ports = await Promise.all([listen(), listen()])
process.on('disconnect', () => process.exit(0))
process.send?.({ ports })
