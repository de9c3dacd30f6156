import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { StoredAnswer } from '../src/cache/entry.ts'
import type { RouteCache } from '../src/cache/route-cache.ts'
import type { Result, Visit } from '../src/cache/visit.ts'
import type { Origin } from '../src/forward/forwarded.ts'
import { upgradeOf } from '../src/forward/upgrade.ts'
import { GatewayError } from '../src/model/errors.ts'
import type { Exchange } from '../src/model/exchange.ts'
import type { Route } from '../src/model/route.ts'
import { askedOf } from './cache-request.ts'
import { CachingClient } from './caching-client.ts'
import { exchangeOf } from './exchange.ts'
import { sendWhole } from './whole-answer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What its route's cache makes of it; absent where it has none, or was refused before. */
    visit?: Visit
  }
}

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
      request.visit = visit
      let leave = () => {}
      const look = () => {
        // While another request was waited for this one may have been answered that it took too long.
        if (reply.sent || reply.raw.destroyed) return
        const step = visit.look()
        if (step.kind === 'wait') {
          leave = step.join(look)
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
        leave()
        visit.end()
        counted(route.prefix, visit.result)
      })
      look()
    })
  },
  { name: 'caching', dependencies: ['exchange', 'forwarding'] }
)

function answer(reply: FastifyReply, { status, fields, body }: StoredAnswer): void {
  sendWhole(reply.headers(fields), status, fields, body)
}
