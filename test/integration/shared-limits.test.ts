import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import pino, { type Logger } from 'pino'
import { build, type ConfigInput, type TestGateway, type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { redisServer, withoutRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

type Limit = NonNullable<NonNullable<ConfigInput['routes']>[number]['rateLimit']>

/** A gateway whose route has this limit, counted at a Redis that may be slow where the machine is: only one that is gone is lost. */
async function limited(
  t: TestScope,
  redis: string,
  rateLimit: Limit,
  target: string,
  timeout: '50ms' | '20s' = '20s',
  logger?: Logger
): Promise<TestGateway> {
  return build(
    t,
    {
      store: { redis, timeout },
      upstreams: { service: { targets: [target] } },
      routes: [{ prefix: '/', upstream: 'service', rateLimit }]
    },
    { logger }
  )
}

async function pair(t: TestScope, redis: string, rateLimit: Limit): Promise<[TestGateway, TestGateway]> {
  const { url } = await upstream(t, { body: 'ok' })
  const first = await limited(t, redis, rateLimit, url)
  const second = await limited(t, redis, rateLimit, url)
  // The first hears of the second with its next sign of life.
  await until(async () => (await metric(first, 'evergate_gateways')) === 2)
  return [first, second]
}

/** Sends so many requests at once, in turn to each gateway; how many were answered with which status. */
async function storm(gateways: readonly TestGateway[], count: number): Promise<Record<number, number>> {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      ask(`${gateways[index % gateways.length]?.url}/`, { headers: { 'x-client': 'a' } })
    )
  )
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

async function metric({ adminUrl }: TestGateway, name: string): Promise<number> {
  const { text } = await ask(`${adminUrl}/metrics`)
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
}

const shared = async (gateway: TestGateway) => (await metric(gateway, 'evergate_shared_store_up')) === 1

describe('two gateways that share a Redis', { skip: withoutRedis }, () => {
  for (const algorithm of ['sliding', 'fixed', 'token'] as const) {
    test(`let the limit pass in all, whichever is asked: ${algorithm}`, async t => {
      const { url } = await redisServer(t)
      const gateways = await pair(t, url, { limit: 100, window: '1h', algorithm })
      assert.deepEqual(await storm(gateways, 150), { 200: 100, 429: 50 })
      assert.deepEqual(await storm(gateways, 20), { 429: 20 })
    })
  }

  test('decide several limits together, and take from none where one has no room', async t => {
    const { url } = await redisServer(t)
    const rateLimit: Limit = [
      { limit: 3, window: '1h', by: 'header:x-client', name: 'client' },
      { limit: 10, window: '1h', by: 'route', name: 'all' }
    ]
    const [one, two] = await pair(t, url, rateLimit)
    const asking = (gateway: TestGateway, client: string) => ask(`${gateway.url}/`, { headers: { 'x-client': client } })
    for (const gateway of [one, two, one]) assert.equal((await asking(gateway, 'a')).status, 200)
    const refused = await asking(two, 'a')
    assert.deepEqual([refused.status, refused.headers['ratelimit']], [429, '"client";r=0;t=3600, "all";r=7;t=3600'])
    assert.equal((await asking(one, 'b')).headers['ratelimit'], '"client";r=2;t=3600, "all";r=6;t=3600')
  })

  test('count requests under way, and give their places back', async t => {
    const { url } = await redisServer(t)
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    let served = 0
    const service = await upstream(t, async (_request, response) => {
      served++
      await released
      response.end('ok')
    })
    const rateLimit: Limit = { limit: 2, by: 'route', algorithm: 'concurrency' }
    const one = await limited(t, url, rateLimit, service.url)
    const two = await limited(t, url, rateLimit, service.url)
    const held = [ask(`${one.url}/`), ask(`${two.url}/`)]
    await until(() => served === 2)
    const refused = await ask(`${one.url}/`)
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '1'])
    release()
    for (const answer of await Promise.all(held)) assert.equal(answer.status, 200)
    await until(async () => (await ask(`${two.url}/`)).status === 200)
  })

  test('show no password, and nothing that a client says stands in the store in clear', async t => {
    const server = await redisServer(t, ['--requirepass', 'open-sesame'])
    const url = `redis://:open-sesame@127.0.0.1:${server.port}`
    const [one, two] = await pair(t, url, { limit: 1, window: '1h', by: 'header:x-client' })
    assert.deepEqual(await storm([one, two], 4), { 200: 1, 429: 3 })
    const { text } = await ask(`${one.adminUrl}/api/config`)
    assert.ok(text.includes('redis://***@') && !text.includes('open-sesame'))
  })
})

describe('a Redis that is lost', { skip: withoutRedis }, () => {
  test('is replaced by a share of the limit at each gateway, without an error, and comes back without a burst', async t => {
    const server = await redisServer(t)
    const gateways = await pair(t, server.url, { limit: 100, window: '1h' })
    await server.kill()
    await until(async () => !(await shared(gateways[0])) && !(await shared(gateways[1])))
    const alone = await storm(gateways, 150)
    assert.deepEqual(alone, { 200: 100, 429: 50 })
    await server.start()
    await until(async () => (await shared(gateways[0])) && (await shared(gateways[1])))
    assert.deepEqual(await storm(gateways, 300), { 429: 300 })
  })

  test('again and again under load is no error to anybody, and no fresh limit', async t => {
    const server = await redisServer(t)
    const gateways = await pair(t, server.url, { limit: 100, window: '1h' })
    const totals: Record<number, number> = {}
    const load = async (isOver: () => boolean) => {
      while (!isOver())
        for (const [status, count] of Object.entries(await storm(gateways, 20))) totals[+status] = (totals[+status] ?? 0) + count
    }
    for (let round = 0; round < 2; round++) {
      for (const act of [server.kill, server.start]) {
        let isOver = false
        const running = load(() => isOver)
        await act()
        const isUp = act === server.start
        await until(async () => (await shared(gateways[0])) === isUp && (await shared(gateways[1])) === isUp)
        isOver = true
        await running
      }
    }
    assert.deepEqual(Object.keys(totals), ['200', '429'])
    assert.equal(totals[200], 100)
  })

  test('that does not answer holds nobody up for long, and nobody twice', async t => {
    const server = await redisServer(t)
    const { url } = await upstream(t, { body: 'ok' })
    const gateway = await limited(t, server.url, { limit: 100, window: '1h' }, url, '50ms')
    t.after(() => server.thaw())
    server.freeze()
    assert.deepEqual(await storm([gateway], 20), { 200: 20 })
    assert.equal(await shared(gateway), false)
    assert.deepEqual(await storm([gateway], 20), { 200: 20 })
    server.thaw()
    await until(() => shared(gateway))
    assert.deepEqual(await storm([gateway], 100), { 200: 60, 429: 40 })
  })

  test('at the start is no reason not to start', async t => {
    const server = await redisServer(t)
    await server.kill()
    const { url } = await upstream(t, { body: 'ok' })
    const { logger, said } = storeLog()
    const gateway = await limited(t, server.url, { limit: 5, window: '1h' }, url, '20s', logger)
    const [{ msg, why, level } = {}] = said()
    assert.deepEqual([level, msg], [40, 'the shared store does not answer: this gateway counts by itself'])
    assert.match(String(why), /ECONNREFUSED/)
    assert.deepEqual(await storm([gateway], 4), { 200: 4 })
    await server.start()
    await until(() => shared(gateway))
    assert.deepEqual(await storm([gateway], 10), { 200: 1, 429: 9 })
    assert.equal(said()[1]?.['msg'], 'the shared store is used')
  })

  test('at the start is told with the reason, but for the password: it does not take it, or does not answer', async t => {
    const server = await redisServer(t, ['--requirepass', 'open-sesame'])
    const { url } = await upstream(t, { body: 'ok' })
    const { logger, said } = storeLog()
    await limited(t, `redis://:another@127.0.0.1:${server.port}`, { limit: 5, window: '1h' }, url, '20s', logger)
    server.freeze()
    await limited(t, `redis://:open-sesame@127.0.0.1:${server.port}`, { limit: 5, window: '1h' }, url, '20s', logger)
    assert.match(String(said()[0]?.['why']), /WRONGPASS|no answer within/)
    assert.match(String(said()[1]?.['why']), /no answer within 1000 ms/)
    assert.doesNotMatch(JSON.stringify(said()), /another|open-sesame/)
  })
})

/** A log that is kept, and what it says of the store. */
function storeLog() {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  return { logger, said: () => lines.filter(({ msg }) => String(msg).startsWith('the shared store')) }
}

test('a cluster is asked where the limits of a route stand together', { skip: withoutRedis }, async t => {
  const server = await redisServer(t, ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'])
  const { Redis } = await import('ioredis')
  const operator = new Redis(server.url)
  await operator.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  await until(async () => String(await operator.call('CLUSTER', 'INFO')).includes('cluster_state:ok'))
  operator.disconnect()
  const { url } = await upstream(t, { body: 'ok' })
  const gateway = await build(t, {
    store: { redis: [server.url, server.url.replace('127.0.0.1', 'localhost')], timeout: '20s' },
    upstreams: { service: { targets: [url] } },
    routes: [
      {
        prefix: '/',
        upstream: 'service',
        rateLimit: [
          { limit: 3, window: '1h', by: 'ip' },
          { limit: 50, window: '1h', by: 'route', algorithm: 'token' }
        ]
      }
    ]
  })
  assert.ok(await shared(gateway))
  assert.deepEqual(await storm([gateway], 10), { 200: 3, 429: 7 })
})
