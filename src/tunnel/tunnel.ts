import type { Duplex } from 'node:stream'
import { FrameBoundary } from './frame-boundary.ts'

/** A close frame of a server with the status 1001, going away (RFC 6455 sections 5.5.1 and 7.4.1). */
const goingAway = Buffer.from([0x88, 0x02, 0x03, 0xe9])

export interface TunnelParts {
  readonly client: Duplex
  readonly target: Duplex
  /** Frames may be put in, where one ends. */
  readonly isWebSocket: boolean
  clock(): number
  /** One of its ends is gone. Comes once. */
  ended(): void
  /** Both are; may come twice. */
  gone(): void
}

/** Bytes between a client and a target that speak something else than HTTP, both ways, at the pace of the slower side. */
export class Tunnel {
  /** Bytes that came from the client. */
  fromClient = 0
  /** Bytes that came from the target. */
  fromTarget = 0
  /** When a byte last came from either. */
  activeAt: number
  readonly #parts: TunnelParts
  readonly #frames: FrameBoundary | undefined
  #closing: 'no' | 'at the next frame' | 'said' = 'no'
  #ended = false

  constructor(parts: TunnelParts) {
    const { client, target, isWebSocket } = parts
    this.#parts = parts
    this.activeAt = parts.clock()
    this.#frames = isWebSocket ? new FrameBoundary() : undefined
    this.#connect(client, target, chunk => {
      this.fromClient += chunk.length
      return chunk
    })
    this.#connect(target, client, chunk => {
      this.fromTarget += chunk.length
      return this.#toClient(chunk)
    })
  }

  /** Asks the client to go elsewhere, where its protocol has words for that; else nothing happens. */
  drain(): void {
    if (this.#frames === undefined || this.#closing !== 'no' || this.#ended) return
    this.#closing = 'at the next frame'
    if (this.#frames.isHere) this.#sayGoodbye()
  }

  destroy(): void {
    this.#parts.client.destroy()
    this.#parts.target.destroy()
  }

  #connect(from: Duplex, to: Duplex, pass: (chunk: Buffer) => Buffer | undefined): void {
    from.on('data', (chunk: Buffer) => {
      this.activeAt = this.#parts.clock()
      const passed = pass(chunk)
      if (passed !== undefined && !to.destroyed && !to.write(passed)) from.pause()
    })
    to.on('drain', () => from.resume())
    from.on('end', () => to.end())
    from.on('error', () => from.destroy())
    // Before whoever logs the request, which wants to know how it ended.
    from.prependOnceListener('close', () => this.#closed(to))
    from.resume()
  }

  #closed(other: Duplex): void {
    if (!this.#ended) {
      this.#ended = true
      this.#parts.ended()
    }
    if (other.closed) this.#parts.gone()
    // What it is owed still goes out; who does not take it is found idle.
    if (other.writableFinished) other.destroy()
    else if (!other.destroyed) other.end(() => other.destroy())
  }

  #toClient(chunk: Buffer): Buffer | undefined {
    if (this.#frames === undefined) return chunk
    // A close frame is the last that a side sends.
    if (this.#closing === 'said') return undefined
    const rest = this.#frames.follow(chunk)
    if (this.#closing === 'no') return chunk
    if (rest === chunk.length && !this.#frames.isHere) return chunk
    this.#parts.client.write(chunk.subarray(0, rest))
    this.#sayGoodbye()
    return undefined
  }

  #sayGoodbye(): void {
    this.#closing = 'said'
    this.#parts.client.write(goingAway)
  }
}
