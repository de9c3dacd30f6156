import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** How many requests have come as far as the cache, by path: tests read it, and the gateway under test runs the plugin. */
export const arrivals = new Map<string, number>()

/** Counts requests right before the cache is asked. */
export default fp(async (app: FastifyInstance) => {
  app.addHook('preHandler', (request, _reply, done) => {
    arrivals.set(request.url, (arrivals.get(request.url) ?? 0) + 1)
    done()
  })
})
