import type { FastifyRequest } from 'fastify'
import type { Asked } from '../src/cache/asked.ts'
import { hasBody } from '../src/forward/request-body.ts'
import type { Exchange } from '../src/model/exchange.ts'
import type { Facts, Value } from '../src/model/facts.ts'
import { searchWithout } from '../src/model/kept-back.ts'
import type {} from './origin.ts'

/** A request as a cache sees it. */
export function askedOf({ method, raw, origin }: FastifyRequest, exchange: Exchange): Asked {
  const { group, path, search, route, keptBack } = exchange
  const { headers } = raw
  const told = (name: string, otherwise: string) => String((origin.trusted ? headers[name] : undefined) ?? otherwise)
  return {
    method,
    headers,
    hasBody: hasBody(raw),
    upstream: group.name,
    site: `${told('x-forwarded-proto', origin.protocol)}://${told('x-forwarded-host', origin.host)}`,
    path,
    search: keptBack === undefined ? search : searchWithout(keptBack, search),
    variant: variantOf(exchange),
    authenticated: route.auth !== undefined
  }
}

/** What the answer may depend on besides what was asked: who asks, what is made of that, and which targets are left. */
function variantOf({ identity, route, facts, outgoing, candidates, group }: Exchange): string {
  // Plugins may have left some targets only, whose answers are not those of the others.
  const left = candidates === group.candidates ? [] : candidates.map(({ id }) => id)
  if (identity.length === 0 && left.length === 0 && facts === undefined) return ''
  // What is kept are the fields as the first client got them.
  const edits = [route.requestEdit, route.responseEdit].flatMap(edit => edit?.append ?? [])
  const made = facts === undefined ? [] : edits.map(([, value]) => madeOf(value, facts))
  return JSON.stringify([identity, left, outgoing, made])
}

/** What is the same for all makes no difference. */
const madeOf = (value: Value, facts: Facts) => (typeof value === 'string' ? null : (value(facts) ?? null))
