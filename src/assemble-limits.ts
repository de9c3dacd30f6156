import type { Core } from './core.ts'
import { Limiter } from './rate-limit/limiter.ts'
import { LocalStore } from './rate-limit/local-store.ts'
import type { Store } from './rate-limit/store.ts'

/** Puts the limits of all routes together, and opens what they are counted in. */
export async function openLimiter(core: Core): Promise<Limiter> {
  return new Limiter(core.table.routes, await openStore(core), core.hex(16))
}

async function openStore({ clock }: Core): Promise<Store> {
  return new LocalStore(clock)
}
