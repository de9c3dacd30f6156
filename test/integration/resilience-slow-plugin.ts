import { once } from 'node:events'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** Holds requests with `x-slow` until their client has left, and says on every answer how many it holds. */
export default fp(async (app: FastifyInstance) => {
  let held = 0
  app.addHook('preHandler', async (request, reply) => {
    reply.header('x-held', String(held))
    if (request.headers['x-slow'] === undefined) return
    held++
    await once(reply.raw, 'close')
    // The rest of the chain runs before the next request is answered.
    setImmediate(() => held--)
  })
})
