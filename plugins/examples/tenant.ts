import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

export interface TenantOptions {
  /** The request header that names the tenant; the answer says in it whose targets were used. */
  readonly header?: string
  /** The label of targets that belong to one tenant. */
  readonly label?: string
}

/**
 * Sends a tenant to the targets that carry its name in a label, and everybody else to the targets that carry none. Anybody can
 * write a header: put this behind something that knows who asks.
 */
export default fp(
  async (app: FastifyInstance, { header = 'x-tenant', label = 'tenant' }: TenantOptions) => {
    const name = header.toLowerCase()
    app.addHook('preHandler', (request, reply, done) => {
      const { exchange } = request
      if (exchange === null) return done()
      const tenant = String(request.headers[name] ?? '')
      // Asked of the whole group and its fallbacks: a tenant whose targets another plugin took away gets none of the others.
      const owner = exchange.group.candidates.some(({ labels }) => labels[label] === tenant) ? tenant : undefined
      exchange.candidates = exchange.candidates.filter(({ labels }) => labels[label] === owner)
      reply.header(name, owner ?? 'shared')
      done()
    })
  },
  { name: 'tenant', fastify: '5.x', dependencies: ['exchange'] }
)
