import helmet from '@fastify/helmet'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { CarefulFields } from '../src/model/browser.ts'
import type { RouteTable } from '../src/routing/table.ts'
import type {} from './routing.ts'

type Fields = readonly (readonly [name: string, value: string])[]

const transport = 'strict-transport-security'

/** Tells browsers to be careful with answers, where the upstream does not tell them itself. */
export default fp(
  async (app: FastifyInstance, { table }: { table: RouteTable }) => {
    const made = new Map<CarefulFields, Fields>()
    for (const { careful } of table.routes) if (careful !== undefined) made.set(careful, await fieldsOf(careful))
    app.addHook('onSend', (request, reply, payload, done) => {
      const { match } = request
      const fields = match.kind === 'route' && match.route.careful !== undefined ? made.get(match.route.careful) : undefined
      for (const [name, value] of fields ?? []) {
        // RFC 6797 section 7.2: not over plain HTTP.
        if (reply.hasHeader(name) || (name === transport && request.protocol !== 'https')) continue
        reply.header(name, value)
      }
      done(null, payload)
    })
  },
  { name: 'security-headers', dependencies: ['routing'] }
)

/**
 * They are the same for every answer, so @fastify/helmet is asked for them once, by an app of its own: attached to this one it
 * would make promises for every request of every route, and write beside the upstream's fields rather than in their place.
 */
async function fieldsOf({ contentSecurityPolicy: policy, ...settings }: CarefulFields): Promise<Fields> {
  const { hsts, frameOptions, referrerPolicy, resourcePolicy, openerPolicy } = settings
  const app = Fastify()
  await app.register(helmet, {
    contentSecurityPolicy: false,
    strictTransportSecurity: hsts === false ? false : { ...hsts, maxAge: Math.floor(hsts.maxAge / 1000) },
    xFrameOptions: frameOptions === 'off' ? false : { action: frameOptions },
    // The schema lists the names that the package knows.
    referrerPolicy: { policy: referrerPolicy as 'no-referrer' },
    crossOriginResourcePolicy: { policy: resourcePolicy },
    crossOriginOpenerPolicy: { policy: openerPolicy }
  })
  app.get('/', (_request, reply) => reply.send())
  const { headers } = await app.inject('/')
  await app.close()
  const own = new Set(['content-length', 'content-type', 'date', 'connection', 'keep-alive'])
  const fields = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    own.has(name) ? [] : [[name, String(value)]]
  )
  return policy === undefined ? fields : [...fields, ['content-security-policy', policy]]
}
