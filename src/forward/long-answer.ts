import type { IncomingHttpHeaders } from 'node:http'
import type { UpstreamTimeouts } from '../model/group.ts'

/** Answers that say something when there is something to say: events, and the messages of a gRPC stream. */
const untilSomethingHappens = /^(?:text\/event-stream|application\/grpc)/i

/** How long an answer may pause before it counts as broken, in milliseconds. */
export function idleMs({ 'content-type': type }: IncomingHttpHeaders, { idleMs: usual, tunnelMs }: UpstreamTimeouts): number {
  return type !== undefined && untilSomethingHappens.test(type) ? tunnelMs : usual
}
