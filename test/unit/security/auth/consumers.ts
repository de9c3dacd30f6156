import type { Consumer } from '../../../../src/model/consumer.ts'

/** Ann, by a token that says no more than the test does. */
export function consumer(more: Partial<Consumer> = {}): Consumer {
  return { name: 'ann', kind: 'jwt', scopes: new Set(), labels: {}, claims: {}, ...more }
}
