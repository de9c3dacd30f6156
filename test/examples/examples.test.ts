import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { buildGateway } from '../../src/app.ts'
import { Swap } from '../../src/swap.ts'
import { type Behaviour, type Upstream, upstream } from '../../src/testing.ts'
import { hexSource } from '../../src/time/random.ts'
import { ask } from '../support/ask.ts'
import { selfSigned } from '../support/certificate.ts'
import { askSecurely } from '../support/secure.ts'

const folder = path.resolve(import.meta.dirname, '../../examples')
const named = (name: string) => path.join(folder, name, 'gateway.yaml')

/**
 * Runs an example in front of upstreams of this test, each named by the variable that the example reads. Active checks are not
 * begun: what a test sees follows from its requests alone.
 */
async function run<Name extends string>(t: TestContext, name: string, behaviours: Record<Name, Behaviour>) {
  const env: Record<string, string> = {}
  const services = new Map<string, Upstream>()
  for (const [variable, behaviour] of Object.entries<Behaviour>(behaviours)) {
    const service = await upstream(t, behaviour)
    services.set(variable, service)
    env[variable] = service.url
  }
  const result = await readConfig(named(name), env)
  assert.ok(result.ok, JSON.stringify(result))
  const gateway = await buildGateway(result.config)
  t.after(() => gateway.close())
  gateway.app.server.listen(0, '127.0.0.1')
  await once(gateway.app.server, 'listening')
  // A server that listens on a host and port has an AddressInfo.
  const { port } = gateway.app.server.address() as AddressInfo
  return {
    ask: (where: string, headers: Record<string, string> = {}) => fetch(`http://127.0.0.1:${port}${where}`, { headers }),
    metrics: async () => (await gateway.admin.inject('/metrics')).body,
    end: (variable: Name) => services.get(variable)?.close()
  }
}

const text = async (answer: Promise<Response>) => (await answer).text()

test('every example is a configuration without a problem or a warning', async () => {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
  assert.deepEqual(names.sort(), [
    'answer-when-all-is-down',
    'backup-in-another-zone',
    'route-by-header',
    'split-traffic',
    'survive-a-slow-target',
    'tls-and-redirect',
    'try-the-next-target'
  ])
  const { cert: CERT, key: KEY } = selfSigned('localhost')
  for (const name of names) {
    const result = await readConfig(named(name), { CERT, KEY })
    assert.deepEqual(result.ok ? result.warnings : result.problems, [], name)
  }
})

test('answer when all is down: with what was kept', async t => {
  const { ask, end } = await run(t, 'answer-when-all-is-down', { ONE: { body: 'kept' } })
  assert.equal(await text(ask('/')), 'kept')
  await end('ONE')
  const answer = await ask('/')
  assert.deepEqual([answer.status, await answer.text()], [200, 'kept'])
  assert.match(answer.headers.get('cache-status') ?? '', /detail=stale/)
})

test('try the next target: the second answers what the first cannot', async t => {
  const { ask } = await run(t, 'try-the-next-target', { ONE: { status: 503 }, TWO: { body: 'two' } })
  const answer = await ask('/orders/7')
  assert.deepEqual([answer.status, await answer.text()], [200, 'two'])
})

test('split traffic: a visitor stays at a version, and both versions have visitors', async t => {
  const { ask } = await run(t, 'split-traffic', { SHOP: { body: 'old' }, SHOP_NEXT: { body: 'new' } })
  const visit = (visitor: number) => text(ask('/', { cookie: `visitor=${visitor}` }))
  const visitors = Array.from({ length: 20 }, (_, index) => index + 1)
  const first = await Promise.all(visitors.map(visit))
  assert.deepEqual(await Promise.all(visitors.map(visit)), first)
  assert.deepEqual(
    visitors.filter((_, index) => first[index] === 'new'),
    [14, 16, 19]
  )
})

test('route by header: the version decides, at the same path', async t => {
  const { ask } = await run(t, 'route-by-header', { API: { body: 'one' }, API_2: { body: 'two' } })
  assert.equal(await text(ask('/api/items')), 'one')
  assert.equal(await text(ask('/api/items', { 'x-version': '2' })), 'two')
  assert.equal(await text(ask('/api/items', { 'x-version': '3' })), 'one')
})

test('survive a slow target: the other one is asked, and its answer is taken', async t => {
  const { ask, metrics } = await run(t, 'survive-a-slow-target', { ONE: 'hang', TWO: { body: 'two' } })
  let shown = ''
  // Chance decides who is asked first: sooner or later it is the one that hangs.
  while (!shown.includes('evergate_hedges_total{upstream="shop",result="won"}')) {
    const answer = await ask('/')
    assert.deepEqual([answer.status, await answer.text()], [200, 'two'])
    shown = await metrics()
  }
  assert.match(shown, /evergate_attempts_total\{upstream="shop",target="one",outcome="aborted"\}/)
  assert.doesNotMatch(shown, /outcome="timeout"|evergate_retries_total\{/)
})

test('backup in another zone: the near one, then the far one, then the backup, then another group', async t => {
  const names = ['NEAR', 'FAR', 'BACKUP', 'RESERVE'] as const
  const { ask, end } = await run(t, 'backup-in-another-zone', {
    NEAR: { body: 'NEAR' },
    FAR: { body: 'FAR' },
    BACKUP: { body: 'BACKUP' },
    RESERVE: { body: 'RESERVE' }
  })
  for (const name of names) {
    const answers = await Promise.all(Array.from({ length: 5 }, () => text(ask('/'))))
    assert.deepEqual(answers, new Array(5).fill(name))
    await end(name)
  }
  assert.equal((await ask('/')).status, 502)
})

test('TLS and redirect: a client without TLS is sent to it, and is served there', async t => {
  const shop = await upstream(t, { body: 'shop' })
  const { cert: CERT, key: KEY } = selfSigned('localhost')
  const result = await readConfig(named('tls-and-redirect'), { CERT, KEY, SHOP: shop.url })
  assert.ok(result.ok, JSON.stringify(result))
  const { listen, timeouts } = result.config
  const gateway = await buildGateway(result.config)
  const times = { headersMs: timeouts.headers, keepAliveMs: timeouts.keepAlive }
  const front = new Swap(gateway.app.routing, times, hexSource(), gateway.refused, gateway.doors)
  t.after(async () => {
    await front.close(0)
    await gateway.close()
  })
  const [plain, secure] = await front.listen(listen.map(each => ({ ...each, port: 0 })))
  const { status, headers } = await ask(`http://127.0.0.1:${plain?.port}/a`, { headers: { host: 'localhost:8080' } })
  assert.deepEqual([status, headers.location], [308, 'https://localhost:8443/a'])
  const trusting = { ca: CERT, rejectUnauthorized: true, servername: 'localhost' }
  assert.equal((await askSecurely(`https://127.0.0.1:${secure?.port}/a`, trusting)).text, 'shop')
})
