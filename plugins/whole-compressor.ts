import fastifyCompress from '@fastify/compress'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Encoding } from '../src/model/compression.ts'

type Done = (error: Error | null, payload?: unknown) => void
type Hook = (request: Pick<FastifyRequest, 'headers'>, reply: FastifyReply, payload: unknown, done: Done) => void

/** The longest answer that is compressed in one go: it takes less time (0.7 ms at most) than handing it to another thread. */
export const inOneGo = 64 * 1024

/** Whether the package would take it for compressed, and pass it on under the name of a coding that it does not have. */
export const looksCompressed = ([first, second]: Uint8Array) =>
  (first === 0x1f && second === 0x8b) || (first === 0x78 && [0x01, 0x9c, 0xda].includes(second ?? 0))

/**
 * What @fastify/compress does with a whole answer, up to `inOneGo`: it sets its coding and its length. The package adds a hook to
 * each Fastify route, and here all paths are one: its hook alone is taken, and told of a client that accepts one coding.
 */
export function wholeCompressor(): (reply: FastifyReply, payload: string | Buffer, encoding: Encoding, done: Done) => void {
  let onRoute: ((route: { onSend?: Hook[] }) => void) | undefined
  const view = {
    decorateReply() {},
    addHook(_name: string, hook: typeof onRoute) {
      onRoute = hook
    }
  }
  const options = { customTypes: () => true, threshold: 0, syncThreshold: inOneGo, globalDecompression: false }
  // It asks for no more than this of the app.
  fastifyCompress(view as unknown as FastifyInstance, options, () => {})
  const route: { onSend?: Hook[] } = {}
  onRoute?.(route)
  const hook = route.onSend?.[0]
  if (hook === undefined) throw new Error('@fastify/compress added no hook')
  return (reply, payload, encoding, done) => hook({ headers: { 'accept-encoding': encoding } }, reply, payload, done)
}
