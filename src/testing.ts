/** What tests of a configuration or a plugin need: a gateway on a port of its own, upstreams that misbehave, a clock that waits. */
import { parseConfig } from '../config/parse.ts'
import { formatProblem } from '../config/problem.ts'
import type { ConfigInput } from '../config/schema.ts'
import { buildGateway, type Gateway, type GatewayParts } from './app.ts'
import { Swap } from './swap.ts'
import type { TestScope } from './testing/upstream.ts'
import { hexSource } from './time/random.ts'

export type { ConfigInput } from '../config/schema.ts'
export { type FakeClock, fakeClock } from './testing/fake-clock.ts'
export {
  type Answer,
  type Behaviour,
  type Handler,
  type ReceivedRequest,
  type TestScope,
  type Upstream,
  type UpstreamOptions,
  upstream
} from './testing/upstream.ts'
export { type Random, seededRandom } from './time/random.ts'

/** What a gateway under test takes in place of the process's own; without a logger it logs nothing. */
export interface BuildOptions extends Partial<GatewayParts> {
  /** What relative paths in the configuration (plugins, certificates) count from; the working directory when absent. */
  readonly directory?: string
  /** What `${NAME}` in the configuration reads; nothing when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A gateway that runs for one test. */
export interface TestGateway {
  /** Where clients connect, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Of every listener, in the order of the configuration; `url` is the first. */
  readonly urls: readonly string[]
  /** Where operators look. */
  readonly adminUrl: string
  readonly gateway: Gateway
  /** Takes no more, cuts what is under way and resolves when all of it is closed. Harmless the second time. */
  close(): Promise<void>
}

/**
 * Builds a gateway from what a user would write, and listens on ports of 127.0.0.1 that are free, whatever addresses `listen` and
 * `admin` have. It ends with the test. Rejects with every problem that the configuration has, and with a PluginError.
 *
 * ```ts
 * test('orders go to the second server when the first is down', async t => {
 *   const good = await upstream(t, { body: 'hello' })
 *   const { url } = await build(t, {
 *     upstreams: { orders: { targets: ['http://127.0.0.1:1', good.url] } },
 *     routes: [{ prefix: '/orders', upstream: 'orders' }]
 *   })
 *   assert.equal(await (await fetch(`${url}/orders`)).text(), 'hello')
 * })
 * ```
 */
export async function build(t: TestScope, input: ConfigInput, options: BuildOptions = {}): Promise<TestGateway> {
  const { directory, env, ...parts } = options
  const parsed = parseConfig(input, { ...(directory && { directory }), ...(env && { env }) })
  if (!parsed.ok) throw new Error(`the configuration has problems:\n${parsed.problems.map(formatProblem).join('\n')}`)
  const { config } = parsed
  const gateway = await buildGateway(config, parts)
  gateway.start()
  const timeouts = { headersMs: config.timeouts.headers, keepAliveMs: config.timeouts.keepAlive }
  const front = new Swap(gateway.app.routing, timeouts, hexSource(), gateway.refused, gateway.doors)
  const back = new Swap(gateway.admin.routing, timeouts, hexSource())
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= closeAll(gateway, front, back)
    return closed
  }
  t.after(close)
  const urls = await listen(front, config.listen)
  const [adminUrl = ''] = await listen(back, [{}])
  const [url = ''] = urls
  return { url, urls, port: Number(new URL(url).port), adminUrl, gateway, close }
}

async function listen(swap: Swap, listeners: readonly object[]): Promise<string[]> {
  const addresses = await swap.listen(listeners.map(each => ({ ...each, host: '127.0.0.1', port: 0 })))
  return addresses.map(({ port, secure }) => `${secure ? 'https' : 'http'}://127.0.0.1:${port}`)
}

async function closeAll(gateway: Gateway, front: Swap, back: Swap): Promise<void> {
  await Promise.all([front.close(0), back.close(0)])
  await gateway.close()
}
