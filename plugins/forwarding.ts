import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Forwarder } from '../src/forward/forwarder.ts'
import type {} from './errors.ts'
import { exchangeOf } from './exchange.ts'
import type {} from './patience.ts'
import { ReplyClient } from './reply-client.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Forwards a request by the plan of its exchange: the `preHandler` of @fastify/http-proxy. */
    forward(request: FastifyRequest, reply: FastifyReply): void
  }
}

/** Hands an exchange to the forwarder, and Fastify's reply to it as the client's side. */
export default fp(
  async (app: FastifyInstance, { forwarder }: { forwarder: Forwarder }) => {
    app.decorate('forward', (request: FastifyRequest, reply: FastifyReply) => {
      const exchange = exchangeOf(request)
      request.patience?.end()
      if (exchange.plan === undefined) throw new Error('the failover plugin must come before forwarding')
      forwarder.forward(exchange, exchange.plan, new ReplyClient(request, reply))
    })
  },
  { name: 'forwarding', dependencies: ['errors', 'exchange'] }
)
