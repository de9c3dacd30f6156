import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { reach } from '../src/failover/reach.ts'
import type { Clock } from '../src/time/clock.ts'
import { exchangeOf } from './exchange.ts'

/** Finds the group that can serve, the route's own or a fallback, and leaves of its candidates what every gate admits. */
export default fp(
  async (app: FastifyInstance, { clock }: { clock: Clock }) => {
    app.addHook('preHandler', (request, _reply, done) => {
      const exchange = exchangeOf(request)
      exchange.reach = reach(exchange.group, exchange.candidates, clock())
      done()
    })
  },
  { name: 'circuit-breaking', dependencies: ['exchange'] }
)
