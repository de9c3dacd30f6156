import { performServerHandshake, type ServerSessionOptions } from 'node:http2'
import type { Socket } from 'node:net'
import { pieceBytes } from './http2-pieces.ts'
import { type Http2Parts, Http2Session } from './http2-session.ts'

/** Fields are counted and measured by us, who answer 431; beyond these a stream is reset. */
const mostPairs = 1000
const mostHeaderBytes = 64 * 1024

/** Megabytes, which Node counts by: what all streams of a connection may have waiting, twice, beside what Node takes by itself. */
const memoryFor = (streams: number) => 10 + Math.ceil((streams * 2 * pieceBytes) / 1_000_000)

/** The HTTP/2 connections of one listener. */
export class Http2Sessions {
  readonly #parts: Http2Parts
  readonly #options: ServerSessionOptions
  readonly #open = new Set<Http2Session>()
  #draining = false

  /** `maxStreams` of one connection at once. */
  constructor(maxStreams: number, parts: Http2Parts) {
    this.#parts = parts
    const options: ServerSessionOptions & Record<string, unknown> = {
      settings: {
        maxConcurrentStreams: maxStreams,
        maxHeaderListSize: mostHeaderBytes,
        enablePush: false,
        enableConnectProtocol: true
      },
      maxHeaderListPairs: mostPairs,
      maxSessionMemory: memoryFor(maxStreams),
      // Upstreams may send fields twice that should come once: that is between them and their clients, as with HTTP/1.
      strictSingleValueFields: false,
      // We count sooner, and say so.
      streamResetBurst: 10_000,
      streamResetRate: 1000
    }
    this.#options = options
  }

  /** Speaks HTTP/2 on a connection, of which nothing was read that is not at its head again. */
  take(socket: Socket): void {
    // A client that ends its side has left.
    socket.allowHalfOpen = false
    const session = new Http2Session(performServerHandshake(socket, this.#options), socket, this.#parts)
    this.#open.add(session)
    socket.on('close', () => this.#open.delete(session))
    if (this.#draining) session.endSoon()
  }

  /** Clients are told to go elsewhere; what is under way finishes, and who comes nevertheless is told with the first answer. */
  drain(): void {
    this.#draining = true
    for (const session of this.#open) session.end()
  }

  /** Ends connections that carry nothing. */
  closeIdle(): void {
    for (const session of this.#open) if (session.idle) session.end()
  }

  /** Ends all of them at once. */
  cut(): void {
    for (const session of this.#open) session.cut()
  }
}
