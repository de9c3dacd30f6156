import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** Leaves the target that `x-only` names. */
export default fp(async (app: FastifyInstance) => {
  app.addHook('preHandler', (request, _reply, done) => {
    const { exchange } = request
    const only = request.headers['x-only']
    if (exchange !== null && only !== undefined) exchange.candidates = exchange.candidates.filter(({ id }) => id === only)
    done()
  })
})
