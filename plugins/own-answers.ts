import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'
import type { Elsewhere, Route } from '../src/model/route.ts'
import { redirectLocation, redirectPath } from '../src/routing/redirect.ts'
import { factsOf, notMade } from './facts-of.ts'
import type {} from './origin.ts'
import type {} from './routing.ts'

/** In the place of a serializer, which Fastify takes for JSON: without one it would add a charset to its type. */
const asItIs = (body: unknown) => body as string

/** Answers for routes that no target stands behind: redirects, and fixed answers. */
export default fp(
  async (app: FastifyInstance) => {
    app.addHook('preHandler', (request, reply, done) => {
      const { match } = request
      if (match.kind !== 'route') return done()
      const { destination } = match.route
      if (destination.kind === 'redirect') {
        const path = pathFor(request, match.route, destination)
        if (path === undefined) return done(new GatewayError('EG_BAD_REQUEST', notMade))
        const location = redirectLocation(destination, path, request.origin)
        if (location === undefined) return done(new GatewayError('EG_BAD_REQUEST', 'Host is no host.'))
        return void reply.code(destination.status).headers({ location, 'content-length': '0' }).send()
      }
      if (destination.kind !== 'respond') return done()
      const { status, headers, body } = destination.answer
      // Nothing tells of a body that these may not have (RFC 9110 section 6.4.1).
      if (body === '' || status === 204 || status === 304) reply.code(status).headers(headers).send()
      else reply.code(status).headers(headers).serializer(asItIs).send(body)
    })
  },
  { name: 'own-answers', dependencies: ['origin', 'routing'] }
)

/** With the query. */
function pathFor(request: FastifyRequest, route: Route, elsewhere: Elsewhere): string | undefined {
  if (route.retarget !== undefined) return route.retarget(factsOf(request, route))
  return redirectPath(route, elsewhere, request.match.path) + request.match.search
}
