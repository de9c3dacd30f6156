import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Tiers } from '../src/failover/tiers.ts'
import type { Clock } from '../src/time/clock.ts'
import type { Random } from '../src/time/random.ts'
import { exchangeOf } from './exchange.ts'

export interface LoadBalancingOptions {
  readonly clock: Clock
  readonly random: Random
  readonly tiers: Tiers
}

/** Picks the target of the first attempt, among the admitted ones of the lowest tier. */
export default fp(
  async (app: FastifyInstance, { clock, random, tiers }: LoadBalancingOptions) => {
    app.addHook('preHandler', (request, _reply, done) => {
      const exchange = exchangeOf(request)
      if (exchange.admitted.length > 0) {
        exchange.picked = exchange.group.picker.pick(tiers.lowest(exchange.admitted), { now: clock(), random, retry: false })
      }
      done()
    })
  },
  { name: 'load-balancing', dependencies: ['circuit-breaking'] }
)
