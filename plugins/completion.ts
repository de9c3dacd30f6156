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

/** Lets others know when a request is over, however it ends. */
export default fp(
  async (app: FastifyInstance) => {
    const completions: Completion[] = []
    app.decorate('onCompletion', (completion: Completion) => {
      completions.push(completion)
    })
    app.addHook('onRequest', (request, reply, done) => {
      reply.raw.on('close', () => {
        const status = reply.raw.writableFinished ? reply.raw.statusCode : clientClosed
        for (const completion of completions) completion(request, reply, status)
      })
      done()
    })
  },
  { name: 'completion' }
)
