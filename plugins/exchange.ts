import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'
import { Exchange } from '../src/model/exchange.ts'
import { grpcTimeoutMs } from '../src/model/grpc-timeout.ts'
import type { Route } from '../src/model/route.ts'
import { groupFor } from '../src/routing/destination.ts'
import type { Clock } from '../src/time/clock.ts'
import type { Random } from '../src/time/random.ts'

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
      exchange.timeoutMs = timeoutOf(request, route)
      request.exchange = exchange
      done()
    })
  },
  { name: 'exchange', dependencies: ['routing'] }
)

function chooseGroup({ destination }: Route, request: FastifyRequest, random: Random) {
  if (destination.kind === 'group') return destination.group
  return groupFor(
    destination,
    { headers: request.headers, search: request.match.search.slice(1), path: request.match.path, ip: request.ip },
    random
  )
}

/** What a trusted client leaves of its own time; it is as good as its word when that is a number. */
const askedMs = (field: string | string[] | undefined) =>
  /^\d{1,9}$/.test(String(field)) ? Math.max(1, Number(field)) : Number.POSITIVE_INFINITY

/**
 * How long the answer may take to begin, in milliseconds: the route's time, or less where a trusted client, or the deadline of a
 * gRPC call, leaves less.
 */
export function timeoutOf({ origin, headers }: FastifyRequest, { timeoutMs }: Route): number {
  const asked = origin.trusted ? askedMs(headers['x-request-timeout-ms']) : Number.POSITIVE_INFINITY
  return Math.min(timeoutMs, asked, grpcTimeoutMs(headers['grpc-timeout']) ?? Number.POSITIVE_INFINITY)
}

/** The exchange of a request inside the hook chain. Throws where there is none, which is an error of the order of plugins. */
export function exchangeOf(request: FastifyRequest): Exchange {
  if (request.exchange === null) throw new Error('the exchange plugin must come before this one')
  return request.exchange
}
