import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { packageStore } from '../src/rate-limit/package-store.ts'
import type { Store } from '../src/rate-limit/store.ts'

/** Gives plugins what @fastify/rate-limit does, `app.createRateLimit()` and `app.rateLimit()`, on the gateway's own store. */
export default fp(
  async (app: FastifyInstance, { store, secret }: { store: Store; secret: string }) => {
    await app.register(rateLimit, { global: false, store: packageStore(store, secret) })
  },
  { name: 'plugin-limits' }
)
