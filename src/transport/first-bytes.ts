import type { Socket } from 'node:net'
import type { Scheduler } from '../time/scheduler.ts'

/** RFC 9113 section 3.4. No request of HTTP/1 begins with it: PRI is a method that nobody else may have. */
export const preface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** What a connection speaks by its first bytes; undefined while they could still become either. */
export function protocolOf(bytes: Uint8Array): 'http1' | 'http2' | undefined {
  const length = Math.min(bytes.length, preface.length)
  for (let i = 0; i < length; i++) if (bytes[i] !== preface[i]) return 'http1'
  return length === preface.length ? 'http2' : undefined
}

export interface FirstBytes {
  readonly scheduler: Scheduler
  /** For so many bytes that it is clear what is spoken. */
  readonly timeoutMs: number
  /** Takes the connection, paused, with all that was read of it at its head again. */
  decided(protocol: 'http1' | 'http2'): void
  /** It was not clear in time. */
  timedOut(): void
  /** It ended before. `length` bytes had come. */
  unfinished(length: number): void
}

/** Reads as much of a new connection as it takes to know what is spoken there. */
export function readFirstBytes(socket: Socket, parts: FirstBytes): void {
  let bytes: Buffer = Buffer.alloc(0)
  const settle = () => {
    cancel()
    socket.off('data', read).off('end', end).off('close', close)
  }
  const read = (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const protocol = protocolOf(bytes)
    if (protocol === undefined) return
    settle()
    socket.off('error', ignore).pause()
    socket.unshift(bytes)
    parts.decided(protocol)
  }
  const end = () => {
    settle()
    parts.unfinished(bytes.length)
  }
  // It is gone, or has reset the connection.
  const close = () => settle()
  const cancel = parts.scheduler.after(parts.timeoutMs, () => {
    settle()
    parts.timedOut()
  })
  socket.on('error', ignore).on('data', read).on('end', end).on('close', close)
}

const ignore = () => {}
