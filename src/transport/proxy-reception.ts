import type { Socket } from 'node:net'
import type { Scheduler } from '../time/scheduler.ts'
import { type Endpoint, readProxyHeader } from './proxy-protocol.ts'
import type { ConnectionRefusal } from './refused.ts'

export interface ProxyReception {
  readonly scheduler: Scheduler
  /** For the whole header to come. */
  readonly timeoutMs: number
  /** Whether a PROXY header from this address is believed. */
  trusted(address: string): boolean
  refused(reason: ConnectionRefusal): void
  /** Takes the connection, whose next bytes are those behind the header, which was `length` bytes long. */
  accept(socket: Socket, source: Endpoint | undefined, length: number): void
}

/** Reads the PROXY header of a new connection and hands it on; ends it at once where there is none. */
export function receiveProxyHeader(socket: Socket, reception: ProxyReception): void {
  // It is gone, or has reset the connection: both are told by `close`.
  socket.on('error', ignore)
  const { remoteAddress } = socket
  if (remoteAddress === undefined || !reception.trusted(remoteAddress)) {
    // Who has no address has gone already, as some health checks do.
    if (remoteAddress !== undefined) reception.refused('proxy-untrusted')
    socket.destroy()
    return
  }
  let bytes: Buffer = Buffer.alloc(0)
  const settle = () => {
    cancel()
    socket.off('data', read).off('end', stop).off('close', stop)
  }
  const refuse = (reason: ConnectionRefusal) => {
    settle()
    reception.refused(reason)
    socket.destroy()
  }
  const read = (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const header = readProxyHeader(bytes)
    switch (header.kind) {
      case 'incomplete':
        return
      case 'malformed':
        refuse('proxy-malformed')
        return
      case 'header':
        settle()
        socket.off('error', ignore).pause()
        if (header.length < bytes.length) socket.unshift(bytes.subarray(header.length))
        reception.accept(socket, header.source, header.length)
    }
  }
  const stop = () => {
    if (bytes.length > 0) refuse('proxy-unfinished')
    else {
      // Somebody looked whether the port is open.
      settle()
      socket.destroy()
    }
  }
  const cancel = reception.scheduler.after(reception.timeoutMs, () => refuse('proxy-timeout'))
  socket.on('data', read).on('end', stop).on('close', stop)
}

const ignore = () => {}

/** Lets everybody who asks a connection for its other end see this one. */
export function showAs(socket: Socket, { address, family, port }: Endpoint): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: address },
    remoteFamily: { value: family },
    remotePort: { value: port }
  })
}
