import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { AccessList } from '../src/model/access.ts'
import { GatewayError } from '../src/model/errors.ts'
import type { Meters } from '../src/observe/meters.ts'
import { matchOf } from './routing.ts'

export interface AccessListOptions {
  /** For every request, one without a route too; absent: none. */
  readonly everywhere: AccessList | undefined
  readonly meters: Meters
}

/** Refuses who comes from where nobody may come from: before it is told which paths there are. */
export default fp(
  async (app: FastifyInstance, { everywhere, meters }: AccessListOptions) => {
    app.addHook('onRequest', (request, _reply, done) => {
      const match = matchOf(request.raw)
      const route = match.kind === 'route' ? match.route : undefined
      const list = everywhere?.refusedBy(request.ip) ?? route?.access?.refusedBy(request.ip)
      if (list === undefined) return done()
      meters.denied(route?.prefix ?? 'none', list)
      done(route?.observe ? undefined : new GatewayError('EG_FORBIDDEN'))
    })
  },
  { name: 'access-lists', dependencies: ['errors', 'origin'] }
)
