import type { Facts } from '../../../src/model/facts.ts'

/** What a request says: GET /users/42/orders?x=1 under /users, from nobody. */
export function facts(more: Partial<Facts> & { readonly claims?: Readonly<Record<string, string>> } = {}): Facts {
  const { claims = {}, ...rest } = more
  return {
    id: 'r1',
    method: 'GET',
    host: 'shop.test',
    path: '/users/42/orders',
    search: 'x=1',
    prefix: '/users',
    headers: {},
    ip: '192.0.2.1',
    consumer: undefined,
    claim: name => claims[name],
    ...rest
  }
}
