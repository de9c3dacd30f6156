import type { FastifyInstance } from 'fastify'
import type { GatewayConfig } from '../../config/types.ts'
import type { Purge } from '../../src/cache/purges.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { RouteTable } from '../../src/routing/table.ts'
import type { Clock } from '../../src/time/clock.ts'
import type { Registry } from '../../src/upstream/registry.ts'
import actions from './actions.ts'
import cache from './cache.ts'
import { maskedConfig } from './config.ts'
import { type Question, questionOf } from './explain.ts'
import { guard } from './guard.ts'
import heartbeat from './heartbeat.ts'
import { describeRoutes } from './routes.ts'
import { describeUpstreams } from './upstreams.ts'

export interface AdminOptions {
  readonly registry: Registry
  readonly table: RouteTable
  readonly config: GatewayConfig
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
  /** Why a request takes the way it takes. */
  readonly explain: (question: Question) => unknown
  /** Forgets stored answers; absent: no route has a cache. */
  readonly purge?: (purge: Purge) => void
  /** What callers must show; undefined: only this machine's own may call. */
  readonly token: string | undefined
}

/** What operators ask and do. */
export default async function admin(
  app: FastifyInstance,
  { registry, table, config, clock, wallClock, explain, purge, token }: AdminOptions
) {
  app.addHook('onRequest', guard(token))
  await app.register(heartbeat, { registry, clock })
  await app.register(actions, { registry, clock, wallClock })
  if (purge !== undefined) await app.register(cache, { registry, purge })
  app.get('/api/upstreams', async () => ({ upstreams: describeUpstreams(registry, clock(), wallClock()) }))
  app.get('/api/routes', async () => ({ routes: describeRoutes(table, config.routes) }))
  app.get<{ Querystring: Record<string, string | string[] | undefined> }>('/api/explain', async request =>
    explain(questionOf(request.query))
  )
  app.get('/api/config', async () => maskedConfig(config))
  // Behind the guard as well: who may not ask does not learn what there is.
  app.all('/*', async () => {
    throw new GatewayError('EG_NO_ROUTE')
  })
}
