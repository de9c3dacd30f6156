import { once } from 'node:events'
import type { TestScope } from '../../src/testing.ts'
import { type Wire, wireTo } from './wire.ts'

/** Types of frames by their numbers (RFC 9113 section 6). */
export const frameNames = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION'
] as const

type FrameName = (typeof frameNames)[number]

export interface Frame {
  readonly type: FrameName
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export const endStream = 1
export const endHeaders = 4

export const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** The bytes of a frame. */
export function frame(type: FrameName, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = frameNames.indexOf(type)
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A number of 32 bits, such as an error code. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Fields as literals without indexing (RFC 7541 section 6.2.2). */
export function fields(...pairs: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(pairs.map(([name, value]) => Buffer.concat([Buffer.from([0]), text(name), text(value)])))
}

/** A GET of `/`, and what else is given; a field that is given replaces one of the same name. */
export function request(...more: readonly (readonly [string, string])[]): Buffer {
  const names = new Set(more.map(([name]) => name))
  const usual = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a']
  ] as const
  return fields(...usual.filter(([name]) => !names.has(name)), ...more)
}

/** A length of seven bits and what follows of it (RFC 7541 section 5.1), then the text. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  const head: number[] = []
  if (bytes.length < 127) head.push(bytes.length)
  else {
    head.push(127)
    let rest = bytes.length - 127
    for (; rest >= 128; rest >>= 7) head.push((rest & 127) | 128)
    head.push(rest)
  }
  return Buffer.concat([Buffer.from(head), bytes])
}

/** A connection whose frames are written by hand. */
export class FrameWire {
  readonly wire: Wire

  constructor(wire: Wire) {
    this.wire = wire
  }

  send(...frames: readonly Buffer[]): void {
    this.wire.send(Buffer.concat(frames))
  }

  /** All frames that have come as a whole. */
  get frames(): Frame[] {
    const bytes = Buffer.from(this.wire.text, 'latin1')
    const found: Frame[] = []
    for (let at = 0; at + 9 <= bytes.length; ) {
      const length = bytes.readUIntBE(at, 3)
      if (at + 9 + length > bytes.length) break
      const type = frameNames[bytes[at + 3] ?? 0] ?? 'DATA'
      const payload = bytes.subarray(at + 9, at + 9 + length)
      found.push({ type, flags: bytes[at + 4] ?? 0, stream: bytes.readUInt32BE(at + 5), payload })
      at += 9 + length
    }
    return found
  }

  /** Resolves with the first frame that is as described, once it has come. */
  async until(isIt: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(isIt)
      if (found !== undefined) return found
      const { socket } = this.wire
      if (socket.destroyed || socket.readableEnded) throw new Error(`it ended with ${JSON.stringify(this.frames)}`)
      await Promise.race([once(socket, 'data'), once(socket, 'end'), this.wire.closed])
    }
  }
}

/** A connection to a port of 127.0.0.1 that has said its preface and its settings. */
export async function framesTo(t: TestScope, port: number): Promise<FrameWire> {
  const wire = new FrameWire(await wireTo(t, port))
  wire.send(Buffer.from(preface), frame('SETTINGS', 0, 0))
  return wire
}
