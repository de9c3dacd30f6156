import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isOwnOrigin } from '../src/browser/origins.ts'
import type { Meters } from '../src/observe/meters.ts'
import type { RouteTable } from '../src/routing/table.ts'
import { speakerOf } from './cors-speaker.ts'
import { matchOf } from './routing.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Fields that say what pages of other origins may do, in place of the upstream's; undefined: the upstream's stay. */
    corsFields: Readonly<Record<string, string>> | undefined
  }
}

/** Says which pages of other origins may use a route, and answers their preflights in its place. */
export default fp(
  async (app: FastifyInstance, { table, meters }: { table: RouteTable; meters: Meters }) => {
    app.decorateRequest('corsPreflightEnabled', false)
    app.decorateReply('corsFields', undefined)
    const speakers = new Map(table.routes.flatMap(({ cors }) => (cors === undefined ? [] : [[cors, speakerOf(cors)]])))
    app.addHook('onRequest', (request, reply, done) => {
      const match = matchOf(request.raw)
      if (match.kind !== 'route' || match.route.cors === undefined) return done()
      const { cors, prefix, observe } = match.route
      const { origin } = request.headers
      const isPreflight = origin !== undefined && asksFirst(request)
      const settled = () => {
        reply.corsFields = fieldsOf(reply)
        done()
      }
      if (!cors.anyOrigin) reply.header('vary', 'Origin')
      if (origin === undefined) return settled()
      if (cors.allows(origin))
        return speakers.get(cors)?.[isPreflight ? 'preflight' : 'actual'].call(app, request, reply, settled)
      if (!isOwnOrigin(origin, request.host)) meters.foreign(prefix, 'cors')
      if (observe) return done()
      if (isPreflight) reply.code(204).header('content-length', '0').send()
      else settled()
    })
    app.addHook('onSend', (request, reply, payload, done) => {
      if (reply.corsFields !== undefined) {
        replaceFields(reply, reply.corsFields)
        const { match } = request
        if (match.kind === 'route' && match.route.cors?.anyOrigin === false) varyByOrigin(reply)
      }
      done(null, payload)
    })
  },
  { name: 'cors', dependencies: ['errors', 'origin'] }
)

const asksFirst = ({ method, headers }: FastifyRequest) =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined

const isCors = (name: string) => name.startsWith('access-control-')

const fieldsOf = (reply: FastifyReply) =>
  Object.fromEntries(Object.entries(reply.getHeaders()).flatMap(([name, value]) => (isCors(name) ? [[name, String(value)]] : [])))

/** An upstream's own Vary has taken the place of what was said before. */
function varyByOrigin(reply: FastifyReply): void {
  const vary = [reply.getHeader('vary') ?? []].flat().join(', ')
  if (!/(^|,)\s*(origin|\*)\s*(,|$)/i.test(vary)) reply.header('vary', vary === '' ? 'Origin' : `${vary}, Origin`)
}

function replaceFields(reply: FastifyReply, fields: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(reply.getHeaders())) if (isCors(name)) reply.removeHeader(name)
  reply.headers(fields)
}
