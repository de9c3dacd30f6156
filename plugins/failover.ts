import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { FailoverPlan } from '../src/failover/failover-plan.ts'
import { outOfReach } from '../src/failover/reach.ts'
import { GatewayError } from '../src/model/errors.ts'
import type { Exchange } from '../src/model/exchange.ts'
import type { Clock } from '../src/time/clock.ts'
import type { Random } from '../src/time/random.ts'
import { exchangeOf } from './exchange.ts'

export interface FailoverOptions {
  readonly clock: Clock
  readonly random: Random
}

/** Last of the hook chain: completes the plan with where to go when the picked target fails, or answers 503. */
export default fp(
  async (app: FastifyInstance, { clock, random }: FailoverOptions) => {
    app.addHook('preHandler', (request, _reply, done) => {
      const exchange = exchangeOf(request)
      const { reach, picked } = exchange
      if (reach === undefined || picked === undefined) return done(noTarget(exchange, clock()))
      exchange.plan = new FailoverPlan({ group: reach.group, target: picked }, exchange, random)
      done()
    })
  },
  { name: 'failover', dependencies: ['load-balancing'] }
)

/** Retry-After says when the first gate may open; a second where nobody knows. */
function noTarget({ group, candidates }: Exchange, now: number): GatewayError {
  const { full, opensAt = now } = outOfReach(group, candidates, now)
  if (full) return new GatewayError('EG_OVERLOADED', undefined, { 'retry-after': '1' })
  return new GatewayError('EG_NO_TARGET', undefined, { 'retry-after': String(Math.max(1, Math.ceil((opensAt - now) / 1000))) })
}
