import type { TestContext } from 'node:test'
import { parseConfig } from '../../config/parse.ts'
import { formatProblem } from '../../config/problem.ts'
import type { ConfigInput } from '../../config/schema.ts'
import { buildGateway, type Gateway, type GatewayParts } from '../../src/app.ts'

/** A gateway that does not listen, and closes with the test. */
export async function running(t: TestContext, input: ConfigInput, parts: Partial<GatewayParts> = {}): Promise<Gateway> {
  const parsed = parseConfig(input, { directory: import.meta.dirname })
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'))
  const gateway = await buildGateway(parsed.config, parts)
  t.after(gateway.close)
  return gateway
}

/** Two targets, one route; nothing listens there. */
export const shop: ConfigInput = {
  upstreams: { shop: { targets: ['http://10.0.0.1:3000', { url: 'http://10.0.0.2:3000', id: 'second', weight: 3, zone: 'b' }] } },
  routes: [{ prefix: '/orders', upstream: 'shop' }]
}
