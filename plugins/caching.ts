import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Asked } from '../src/cache/asked.ts'
import type { StoredAnswer } from '../src/cache/entry.ts'
import type { RouteCache } from '../src/cache/route-cache.ts'
import type { Result, Visit } from '../src/cache/visit.ts'
import type { Origin } from '../src/forward/forwarded.ts'
import { upgradeOf } from '../src/forward/upgrade.ts'
import { GatewayError } from '../src/model/errors.ts'
import type { Exchange } from '../src/model/exchange.ts'
import type { Facts, Value } from '../src/model/facts.ts'
import { searchWithout } from '../src/model/kept-back.ts'
import type { Route } from '../src/model/route.ts'
import { CachingClient } from './caching-client.ts'
import { exchangeOf } from './exchange.ts'

export interface CachingOptions {
  readonly caches: ReadonlyMap<Route, RouteCache>
  /** Counts what became of a request. */
  readonly counted: (route: string, result: Result) => void
  /** Sends a visit's request by itself, on behalf of nobody. */
  readonly refresh: (visit: Visit, maxEntry: number, like: Exchange, origin: Origin) => void
}

/** Answers with what is stored; else the chain goes on, and forwarding shows the answer to the visit. */
export default fp(
  async (app: FastifyInstance, { caches, counted, refresh }: CachingOptions) => {
    app.addHook('preHandler', (request, reply, done) => {
      const exchange = exchangeOf(request)
      const { route } = exchange
      const cache = caches.get(route)
      // What follows an upgrade is no answer.
      if (cache === undefined || upgradeOf(request.raw) !== undefined) return done()
      const visit = cache.visit(askedOf(request, exchange))
      const look = () => {
        // While another request was waited for this one may have been answered that it took too long.
        if (reply.sent || reply.raw.destroyed) return
        const step = visit.look()
        if (step.kind === 'wait') {
          const leave = step.join(look)
          reply.raw.on('close', leave)
          return
        }
        if (step.kind === 'none') {
          visit.end()
          return done(new GatewayError('EG_TIMEOUT', 'Nothing is stored that could be used.'))
        }
        if (step.kind === 'answer') {
          const again = step.refresh ? visit.refresh() : undefined
          if (again !== undefined) refresh(again, cache.maxEntry, exchange, request.origin)
          return answer(reply, step.answer)
        }
        request.behind = client => new CachingClient(client, visit, cache.maxEntry)
        reply.standIn = () => {
          const stored = visit.failed()
          visit.end()
          if (stored !== undefined) answer(reply, stored)
          return stored !== undefined
        }
        done()
      }
      reply.raw.on('close', () => {
        visit.end()
        counted(route.prefix, visit.result)
      })
      look()
    })
  },
  { name: 'caching', dependencies: ['exchange', 'forwarding'] }
)

/** In the place of a serializer, which Fastify takes for JSON: without one it would add a charset to its type. */
const asItIs = (payload: unknown) => payload as string

function answer(reply: FastifyReply, { status, fields, body }: StoredAnswer): void {
  reply.code(status).headers(fields).serializer(asItIs).send(body)
}

function askedOf({ method, raw, origin }: FastifyRequest, exchange: Exchange): Asked {
  const { group, candidates, identity, path, search, route, keptBack } = exchange
  const { headers } = raw
  const told = (name: string, otherwise: string) => String((origin.trusted ? headers[name] : undefined) ?? otherwise)
  // Plugins may have left some targets only, whose answers are not those of the others.
  const left = candidates === group.candidates ? [] : candidates.map(({ id }) => id)
  return {
    method,
    headers,
    upstream: group.name,
    site: `${told('x-forwarded-proto', origin.protocol)}://${told('x-forwarded-host', origin.host)}`,
    path,
    search: keptBack === undefined ? search : searchWithout(keptBack, search),
    variant: variantOf(exchange, left),
    authenticated: route.auth !== undefined
  }
}

/** What the answer may depend on besides what was asked: who asks, what is made of that, and which targets are left. */
function variantOf({ identity, route, facts, outgoing }: Exchange, left: readonly string[]): string {
  const made = facts === undefined ? [] : (route.requestEdit?.append ?? []).map(([, value]) => valueOf(value, facts))
  if (identity.length === 0 && left.length === 0 && facts === undefined) return ''
  return JSON.stringify([identity, left, outgoing, made])
}

const valueOf = (value: Value, facts: Facts) => (typeof value === 'string' ? null : (value(facts) ?? null))
