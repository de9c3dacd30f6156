import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { CredentialRequest, RouteAuth } from '../src/model/authenticator.ts'
import { clientCertificateOf } from '../src/model/client-certificate.ts'
import type { Consumer } from '../src/model/consumer.ts'
import { GatewayError } from '../src/model/errors.ts'
import { type KeptBack, keptBackOf } from '../src/model/kept-back.ts'
import type { Meters } from '../src/observe/meters.ts'
import { authenticate, type Decision } from '../src/security/auth/authenticate.ts'
import { refusalOf } from '../src/security/auth/challenge.ts'
import { identityFields } from '../src/security/auth/identity-fields.ts'
import type {} from './routing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request; null where nobody asked, or nobody knows. */
    consumer: Consumer | null
    /** What the upstream is told of the consumer, as name, value, name, value. */
    identity: readonly string[] | null
    /** What of the request the upstream is not told. */
    keptBack: KeptBack | null
  }
}

/** Finds out who sends a request, where its route asks for it, and refuses who may not. */
export default fp(
  async (app: FastifyInstance, { meters }: { meters: Meters }) => {
    app.decorateRequest('consumer', null)
    app.decorateRequest('identity', null)
    app.decorateRequest('keptBack', null)
    app.addHook('onRequest', (request, reply, done) => {
      const { match } = request
      if (match.kind !== 'route' || match.route.auth === undefined) return done()
      const { auth, prefix } = match.route
      const settle = (decision: Decision) => {
        // While an issuer was asked the client may have been answered that it took too long.
        if (reply.sent) return
        if (decision.kind === 'refused') meters.authRefused(prefix, decision.reason)
        done(accept(request, auth, decision))
      }
      const decision = authenticate(auth, new Shown(request))
      // One that fails, which none should, lets nobody in.
      if (decision instanceof Promise) decision.then(settle, done)
      else settle(decision)
    })
  },
  { name: 'authentication', dependencies: ['routing'] }
)

/** Notes who it is, and answers the error for who is refused. */
function accept(request: FastifyRequest, auth: RouteAuth, decision: Decision): GatewayError | undefined {
  const { consumer, keptBack } = decision
  request.consumer = consumer
  if (keptBack !== undefined && keptBack.length > 0) request.keptBack = keptBackOf(keptBack, request.raw.headers)
  if (consumer !== null && auth.forward.length > 0) request.identity = identityFields(consumer, auth.forward)
  if (decision.kind === 'admitted' || auth.observe) return undefined
  const { code, headers } = refusalOf(auth, decision.reason)
  return new GatewayError(code, undefined, headers)
}

/** A request as authenticators see it. What it costs to know the client's address is paid by who asks for it. */
class Shown implements CredentialRequest {
  readonly #request: FastifyRequest

  constructor(request: FastifyRequest) {
    this.#request = request
  }

  get method() {
    return this.#request.method
  }

  get headers() {
    return this.#request.raw.headers
  }

  get search() {
    return this.#request.match.search
  }

  get path() {
    return this.#request.match.path
  }

  get host() {
    return this.#request.match.host
  }

  get ip() {
    return this.#request.ip
  }

  get certificate() {
    return clientCertificateOf(this.#request.raw.socket)
  }
}
