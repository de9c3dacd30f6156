import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'
import { Exchange } from '../src/model/exchange.ts'
import type { Route } from '../src/model/route.ts'
import { groupFor } from '../src/routing/destination.ts'
import type { Clock } from '../src/time/clock.ts'
import type { Random } from '../src/time/random.ts'
import type {} from './authentication.ts'
import { factsOf, notMade } from './facts-of.ts'
import type {} from './patience.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the hook chain begins: in `preHandler` it is there. */
    exchange: Exchange | null
  }
}

export interface ExchangeOptions {
  readonly clock: Clock
  readonly random: Random
}

/** First of the hook chain: opens the exchange, with all targets of the route's group as candidates. */
export default fp(
  async (app: FastifyInstance, { clock, random }: ExchangeOptions) => {
    app.decorateRequest('exchange', null)
    app.addHook('preHandler', (request, _reply, done) => {
      const { match } = request
      if (match.kind !== 'route') return done(new GatewayError('EG_NO_ROUTE'))
      const { route, path, search } = match
      const exchange = new Exchange(request.id, route, chooseGroup(route, request, random), path, search, clock())
      exchange.timeoutMs = request.patience?.timeoutMs ?? route.timeoutMs
      exchange.callDeadlineAt = request.patience?.callDeadlineAt
      exchange.identity = request.identity ?? exchange.identity
      exchange.keptBack = request.keptBack ?? undefined
      request.exchange = exchange
      if (route.readsFacts) exchange.facts = factsOf(request, route)
      if (exchange.facts === undefined || route.retarget === undefined) return done()
      exchange.outgoing = route.retarget(exchange.facts)
      done(exchange.outgoing === undefined ? new GatewayError('EG_BAD_REQUEST', notMade) : undefined)
    })
  },
  { name: 'exchange', dependencies: ['routing', 'patience'] }
)

function chooseGroup({ destination }: Route, request: FastifyRequest, random: Random) {
  if (destination.kind === 'group') return destination.group
  if (destination.kind !== 'split') throw new Error('the own-answers plugin must come before the exchange')
  return groupFor(
    destination,
    { headers: request.headers, search: request.match.search.slice(1), path: request.match.path, ip: request.ip },
    random
  )
}

/** The exchange of a request inside the hook chain. Throws where there is none, which is an error of the order of plugins. */
export function exchangeOf(request: FastifyRequest): Exchange {
  if (request.exchange === null) throw new Error('the exchange plugin must come before this one')
  return request.exchange
}
