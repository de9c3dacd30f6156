import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Random } from '../src/time/random.ts'
import { exchangeOf } from './exchange.ts'

export interface LoadBalancingOptions {
  readonly random: Random
}

/** Picks the target of the first attempt. */
export default fp(
  async (app: FastifyInstance, { random }: LoadBalancingOptions) => {
    app.addHook('preHandler', (request, _reply, done) => {
      const exchange = exchangeOf(request)
      const { reach } = exchange
      if (reach !== undefined) {
        const { group, candidates, open, at } = reach
        exchange.key = group.picker.key?.({
          headers: request.headers,
          search: exchange.search.slice(1),
          path: exchange.path,
          ip: request.ip
        })
        exchange.picked = group.selector.select(candidates, open, { now: at, random, retry: false, key: exchange.key })
      }
      done()
    })
  },
  { name: 'load-balancing', dependencies: ['circuit-breaking'] }
)
