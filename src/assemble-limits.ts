import type { Core } from './core.ts'
import { Limiter } from './rate-limit/limiter.ts'
import { LocalStore } from './rate-limit/local-store.ts'
import type { Store } from './rate-limit/store.ts'

/** Puts the limits of all routes together, and opens what they are counted in. */
export async function openLimiter(core: Core): Promise<Limiter> {
  return new Limiter(core.table.routes, await openStore(core), core.hex(16), core.clock)
}

/** A server that does not answer at the start is no reason not to start. */
async function openStore({ config, table, clock, scheduler, hex, meters, logger }: Core): Promise<Store> {
  const isLimited = table.routes.some(({ rateLimits }) => rateLimits !== undefined)
  if (config.store === 'memory' || !isLimited) return new LocalStore(clock)
  // Loaded only where it is used: it would make every start slower.
  const [{ openClient }, { RedisLink }, { RedisStore }] = await Promise.all([
    import('./rate-limit/redis-client.ts'),
    import('./rate-limit/redis-link.ts'),
    import('./rate-limit/redis-store.ts')
  ])
  const name = hex(8)
  const turned = (isUp: boolean, why?: string) => {
    meters.sharedStore(isUp)
    if (isUp) logger?.info({ gateways: link.gateways }, 'the shared store is used')
    else logger?.warn({ why, gateways: link.gateways }, 'the shared store is lost: each gateway counts its share by itself')
  }
  const { redis, timeout: patienceMs } = config.store
  const link = new RedisLink({ client: openClient(redis), name, scheduler, patienceMs, turned })
  const store = new RedisStore(link, name, scheduler)
  meters.sharing(() => link.gateways)
  await link.open()
  if (!link.isUp) logger?.warn({ why: link.whyDown }, 'the shared store does not answer: this gateway counts by itself')
  return store
}
