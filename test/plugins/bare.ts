import type { TestContext } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import completion from '../../plugins/completion.ts'
import errors from '../../plugins/errors.ts'
import exchange from '../../plugins/exchange.ts'
import origin, { requestIds } from '../../plugins/origin.ts'
import patience from '../../plugins/patience.ts'
import routing, { readRequests } from '../../plugins/routing.ts'
import type { Route } from '../../src/model/route.ts'
import { RouteTable } from '../../src/routing/table.ts'
import { Networks } from '../../src/security/networks.ts'
import { Deadlines } from '../../src/time/deadlines.ts'

/** A source of hexadecimal text that counts, so that a test knows what comes. */
export function countingHex(): (bytes: number) => string {
  let count = 0
  return bytes => (++count).toString(16).padStart(2 * bytes, '0')
}

/** What the plugins that read a request are given in a test. */
export const originOptions = (trusted: readonly string[] = []) => ({
  trusted: new Networks(trusted),
  pseudonym: 'evergate-test',
  hex: countingHex()
})

/** A Fastify that reads requests by these routes, and closes with the test. Nothing else is registered. */
export function reading(t: TestContext, routes: readonly Route[], options = originOptions()): FastifyInstance {
  const app = Fastify({ rewriteUrl: readRequests(new RouteTable(routes)), genReqId: requestIds(options) })
  t.after(() => app.close())
  // Fastify's own type of an app with its standard server, which `rewriteUrl` widens.
  return app as unknown as FastifyInstance
}

/** The same with everything up to an open exchange, whose source of chance and clock stand still. */
export async function exchanging(t: TestContext, routes: readonly Route[], random = () => 0): Promise<FastifyInstance> {
  const options = originOptions()
  const deadlines = new Deadlines(() => 1000)
  t.after(() => deadlines.stop())
  const app = reading(t, routes, options)
  await app.register(errors)
  await app.register(origin, options)
  await app.register(routing, options)
  await app.register(completion)
  await app.register(patience, { clock: () => 1000, deadlines })
  await app.register(exchange, { clock: () => 1000, random })
  return app
}
