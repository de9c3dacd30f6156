import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Consumer } from '../src/model/consumer.ts'
import { GatewayError } from '../src/model/errors.ts'
import type { Meters } from '../src/observe/meters.ts'
import { legacyFields, retryAfter, standingField } from '../src/rate-limit/fields.ts'
import type { Limiter, Place, PluginKey } from '../src/rate-limit/limiter.ts'
import type { Decision, Standing } from '../src/rate-limit/store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Lets `by: plugin:NAME` count requests by what this reads from them. Called once they are authenticated. */
    rateLimitKey(name: string, read: (request: FastifyRequest) => string | number | undefined): void
  }
  interface FastifyRequest {
    /** Who sends the request; null where nobody knows. */
    consumer: Consumer | null
    /** How the limits of its route stand; null where it has none, or was not asked yet. */
    quota: Quota | null
  }
}

/** What answers say of the limits. */
type Quota = { readonly policy: string; readonly standings: readonly Standing[]; isSaid: boolean }

export interface RateLimitingOptions {
  readonly limiter: Limiter
  readonly meters: Meters
  /** `address`: the limits that need not know who asks; `identity`: the others. The plugin stands at both places. */
  readonly place: Place
}

/** Refuses what is above a limit of its route, and says on every answer how the limits stand. */
export default fp(
  async (app: FastifyInstance, { limiter, meters, place }: RateLimitingOptions) => {
    if (place === 'address') prepare(app, limiter)
    if (!limiter.has(place)) return
    app.addHook('onRequest', (request, reply, done) => {
      const { match } = request
      const questions = match.kind === 'route' ? limiter.questions(place, match.route, request) : undefined
      if (match.kind !== 'route' || questions === undefined) return done()
      const { route } = match
      limiter.store.decide(questions, decision => {
        // While a store was asked the client may have been answered that it took too long.
        if (reply.sent) return decision.release?.()
        const before = request.quota?.standings
        const standings = before === undefined ? decision.standings : [...before, ...decision.standings]
        request.quota = { policy: limiter.policyOf(route, request.consumer) ?? '', standings, isSaid: false }
        holdWhileOpen(decision, reply)
        if (decision.allowed) return done()
        meters.rateLimited(route.prefix)
        if (route.observe) return done()
        done(new GatewayError('EG_RATE_LIMITED', undefined, { 'retry-after': retryAfter(decision.retryMs) }))
      })
    })
  },
  { name: 'rate-limiting', dependencies: ['routing'] }
)

/** What both places need once. */
function prepare(app: FastifyInstance, limiter: Limiter): void {
  // A plugin reads what Fastify gives it: the limiter's own requests are these.
  app.decorate('rateLimitKey', (name: string, read: unknown) => limiter.addPluginKey(name, read as PluginKey))
  app.addHook('onReady', async () => {
    const [name] = limiter.missingPluginKeys()
    if (name !== undefined)
      throw new Error(`a rateLimit counts by plugin:${name}, and no plugin calls rateLimitKey('${name}', ...)`)
  })
  if (!limiter.has('address') && !limiter.has('identity')) return
  app.decorateRequest('quota', null)
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.quota !== null) say(request.quota, reply)
    done(null, payload)
  })
}

/** A client may have left while a store was asked: nobody would hear of it any more. */
function holdWhileOpen({ release }: Decision, { raw }: FastifyReply): void {
  if (release === undefined) return
  if (raw.destroyed) release()
  else raw.on('close', release)
}

function say(quota: Quota, reply: FastifyReply): void {
  const { policy, standings, isSaid } = quota
  add(reply, 'ratelimit-policy', policy, isSaid)
  add(reply, 'ratelimit', standingField(standings), isSaid)
  const legacy = legacyFields(standings)
  if (legacy !== undefined) reply.headers(legacy)
  quota.isSaid = true
}

/** Beside what an upstream says of limits of its own; once, also where an answer is given up for another. */
function add(reply: FastifyReply, name: string, own: string, isSaid: boolean): void {
  const theirs = isSaid ? undefined : reply.getHeader(name)
  reply.header(name, theirs === undefined ? own : `${theirs}, ${own}`)
}
