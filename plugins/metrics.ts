import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { errorTable } from '../src/model/errors.ts'
import type { Meters } from '../src/observe/meters.ts'

const tooLarge = errorTable.EG_BODY_TOO_LARGE.status

/** Counts every request when it is over. */
export default fp(
  async (app: FastifyInstance, { meters }: { meters: Meters }) => {
    app.onCompletion((request, reply, status) => {
      const { match } = request
      const route = match.kind === 'route' ? match.route.prefix : 'none'
      meters.request(route, request.method, status, reply.elapsedTime, request.exchange)
      if (request.exchange?.isOversize || status === tooLarge) meters.oversize(route)
    })
    app.onRefusal(({ method, code }) => meters.refused(method ?? 'OTHER', errorTable[code].status))
  },
  { name: 'metrics', dependencies: ['completion'] }
)
