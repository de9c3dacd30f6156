/**
 * The two messages of grpc.health.v1.Health/Check, in protobuf's encoding and gRPC's framing (a byte that says compressed or
 * not, four of length). They are small enough to be written by hand.
 */

/** `ServingStatus` of the answer. */
export const servingStatus = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const

/** A framed HealthCheckRequest: field 1 is the name of the service; empty is the server as a whole. */
export function checkRequest(service: string): Buffer {
  const name = Buffer.from(service)
  const message = name.length === 0 ? [] : [Buffer.from([0x0a, ...varint(name.length)]), name]
  const length = message.reduce((sum, part) => sum + part.length, 0)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(length, 1)
  return Buffer.concat([prefix, ...message])
}

/** The status of a framed HealthCheckResponse (field 1); undefined where the bytes are none. An absent field is 0. */
export function servingStatusOf(frame: Buffer): number | undefined {
  if (frame.length < 5 || frame[0] !== 0) return undefined
  const end = 5 + frame.readUInt32BE(1)
  if (end > frame.length) return undefined
  let status = 0
  let at = 5
  while (at < end) {
    const tag = readVarint(frame, at, end)
    const field = tag && readField(frame, tag.value & 7, tag.next, end)
    if (tag === undefined || field === undefined) return undefined
    if (tag.value >> 3 === 1) status = field.value
    at = field.next
  }
  return status
}

interface Read {
  readonly value: number
  readonly next: number
}

/** Numbers are read, everything else is stepped over. */
function readField(frame: Buffer, wireType: number, at: number, end: number): Read | undefined {
  switch (wireType) {
    case 0:
      return readVarint(frame, at, end)
    case 1:
      return within(at + 8, end)
    case 2: {
      const length = readVarint(frame, at, end)
      return length && within(length.next + length.value, end)
    }
    case 5:
      return within(at + 4, end)
    default:
      return undefined
  }
}

const within = (next: number, end: number): Read | undefined => (next <= end ? { value: 0, next } : undefined)

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

/** At most 32 bits of it; no field here is larger. */
function readVarint(frame: Buffer, from: number, end: number): Read | undefined {
  let value = 0
  for (let at = from; at < end && at < from + 10; at++) {
    const byte = frame[at] ?? 0
    if (at < from + 5) value |= (byte & 0x7f) << (7 * (at - from))
    if (byte < 0x80) return { value: value >>> 0, next: at + 1 }
  }
  return undefined
}
