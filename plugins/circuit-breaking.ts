import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Clock } from '../src/time/clock.ts'
import { exchangeOf } from './exchange.ts'

/** Takes out of the candidates every target that a gate of its group refuses now, and what is none of the group's. */
export default fp(
  async (app: FastifyInstance, { clock }: { clock: Clock }) => {
    app.addHook('preHandler', (request, _reply, done) => {
      const exchange = exchangeOf(request)
      const { group } = exchange
      // A plugin may have put in what it likes.
      if (exchange.candidates !== group.targets)
        exchange.candidates = exchange.candidates.filter(target => group.targets.includes(target))
      exchange.admitted = group.gates.open(exchange.candidates, clock())
      done()
    })
  },
  { name: 'circuit-breaking', dependencies: ['exchange'] }
)
