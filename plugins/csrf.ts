import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'
import { isSafe } from '../src/model/methods.ts'
import type { Meters } from '../src/observe/meters.ts'
import type {} from './routing.ts'

export interface CsrfPluginOptions {
  readonly meters: Meters
  readonly hex: (bytes: number) => string
}

const details = {
  origin: 'The request comes from a page of another origin.',
  token: 'The request has cookies, and not the token that belongs to them.'
}

/** 128 bits: nobody guesses it. */
const tokenBytes = 16

/** Refuses what another site has a browser send, and gives pages of the own site the token that tells them apart. */
export default fp(
  async (app: FastifyInstance, { meters, hex }: CsrfPluginOptions) => {
    app.addHook('onRequest', (request, _reply, done) => {
      const { match } = request
      if (match.kind !== 'route' || match.route.csrf === undefined) return done()
      const { csrf, prefix, observe } = match.route
      const fault = csrf.fault({ method: request.method, headers: request.headers, host: request.host })
      if (fault === undefined) return done()
      meters.foreign(prefix, 'csrf')
      done(observe ? undefined : new GatewayError('EG_FORBIDDEN', details[fault]))
    })
    app.addHook('onSend', (request, reply, payload, done) => {
      const { match } = request
      const csrf = match.kind === 'route' ? match.route.csrf : undefined
      if (csrf?.lacks(request.headers.cookie) && isSafe(request.method) && isOnesOwn(reply))
        reply.header('set-cookie', cookieOf(csrf.cookie, hex(tokenBytes), request))
      done(null, payload)
    })
  },
  { name: 'csrf', dependencies: ['errors', 'routing'] }
)

/** What a cache gives to many must not hold the token of one. */
const isOnesOwn = (reply: FastifyReply) => !/\b(public|s-maxage)\b/i.test(String(reply.getHeader('cache-control') ?? ''))

/** Scripts read it: that is what it is for. */
const cookieOf = (name: string, token: string, { protocol }: FastifyRequest) =>
  `${name}=${token}; Path=/; SameSite=Lax${protocol === 'https' ? '; Secure' : ''}`
