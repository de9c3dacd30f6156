import type { RouteAuth } from '../../model/authenticator.ts'
import type { Consumer } from '../../model/consumer.ts'
import { claimOf } from './claim.ts'

/** Whether a consumer has the scopes and claims that a route asks for. */
export function isGranted(consumer: Consumer, { scopes, claims }: Pick<RouteAuth, 'scopes' | 'claims'>): boolean {
  for (const scope of scopes) if (!consumer.scopes.has(scope)) return false
  for (const [name, value] of claims) if (!holds(claimOf(consumer, name), value)) return false
  return true
}

const holds = (claim: unknown, value: unknown) => (Array.isArray(claim) ? claim.includes(value) : claim === value)
