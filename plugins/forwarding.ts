import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Client } from '../src/forward/client.ts'
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
  interface FastifyRequest {
    /** What stands between the forwarder and the client: it sees the answer first. */
    behind: ((client: Client) => Client) | null
  }
}

/** Hands an exchange to the forwarder, and Fastify's reply to it as the client's side. */
export default fp(
  async (app: FastifyInstance, { forwarder }: { forwarder: Forwarder }) => {
    app.decorateRequest('behind', null)
    app.decorate('forward', (request: FastifyRequest, reply: FastifyReply) => {
      const exchange = exchangeOf(request)
      request.patience?.end()
      if (exchange.plan === undefined) throw new Error('the failover plugin must come before forwarding')
      const client = new ReplyClient(request, reply)
      forwarder.forward(exchange, exchange.plan, request.behind?.(client) ?? client)
    })
  },
  { name: 'forwarding', dependencies: ['errors', 'exchange'] }
)
