import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/** Told once of every request, when its answer is out or its client is gone: Fastify's onResponse misses the latter. */
export type Completion = (request: FastifyRequest, reply: FastifyReply, status: number) => void

declare module 'fastify' {
  interface FastifyInstance {
    onCompletion(completion: Completion): void
  }
}

/** What the log and the metrics say of a request whose client left before the answer was out, as nginx does. */
const clientClosed = 499
/** The same of an answer that broke at the upstream after it had begun: what the client was told at first was not so. */
const upstreamBroke = 502

/** Lets others know when a request is over, however it ends. */
export default fp(
  async (app: FastifyInstance) => {
    const completions: Completion[] = []
    app.decorate('onCompletion', (completion: Completion) => {
      completions.push(completion)
    })
    app.addHook('onRequest', (request, reply, done) => {
      reply.raw.on('close', () => {
        const status = statusOf(request, reply)
        for (const completion of completions) completion(request, reply, status)
      })
      done()
    })
  },
  { name: 'completion' }
)

function statusOf({ exchange }: FastifyRequest, { raw }: FastifyReply): number {
  if (raw.writableFinished) return raw.statusCode
  return exchange?.brokenBy === undefined ? clientClosed : upstreamBroke
}
