import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { type Behaviour, build, type TestScope, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'
import { arrivals } from './caching-arrivals.ts'

/** Of an answer that is stale when it comes, as one that another cache has kept for an hour. */
const stale = (directives: string) => ({ 'cache-control': `max-age=60, ${directives}`, age: '3600' })

const retry = { attempts: 1 }
const setup = { route: { cache: true }, group: { retry } } as const

describe('a stale answer', () => {
  test('is validated, and the fields of the confirmation are its own', async t => {
    const service = await upstream(t, [
      { headers: { 'cache-control': 'max-age=60', age: '3600', etag: '"a"', 'x-version': '1' }, body: 'kept' },
      (request, response) => {
        assert.equal(request.headers['if-none-match'], '"a"')
        response.writeHead(304, { 'cache-control': 'max-age=60', 'x-version': '2' }).end()
      }
    ])
    const gateway = await gatewayTo(t, [service.url], setup)
    await ask(gateway.url)
    const { status, text, headers } = await ask(gateway.url, { headers: { 'if-none-match': '"other"' } })
    assert.deepEqual([status, text, headers['x-version']], [200, 'kept', '2'])
    assert.equal(headers['cache-status'], 'evergate; fwd=stale; fwd-status=304; stored')
    assert.match(String((await ask(gateway.url)).headers['cache-status']), /hit/)
    assert.equal(await metricOf(gateway, 'evergate_cache_total{route="/",result="revalidated"}'), 1)
  })

  const failures: readonly [string, Behaviour][] = [
    ['503', { status: 503, body: 'no' }],
    ['a broken connection', 'reset'],
    ['an answer that does not come in time', 'hang']
  ]
  for (const [name, failure] of failures) {
    test(`stands in for ${name}, where it says so`, async t => {
      const service = await upstream(t, [{ headers: stale('stale-if-error=86400'), body: 'kept' }, failure])
      const gateway = await gatewayTo(t, [service.url], { ...setup, route: { cache: true, timeout: '500ms' } })
      await ask(gateway.url)
      const { status, text, headers } = await ask(gateway.url)
      assert.deepEqual([status, text], [200, 'kept'])
      assert.match(String(headers['cache-status']), /fwd=stale;.*detail=stale/)
      assert.equal(await metricOf(gateway, 'evergate_cache_total{route="/",result="stale"}'), 1)
    })
  }

  test('is the last tier: it is there when no target is left', async t => {
    const service = await upstream(t, { headers: stale('stale-if-error=86400'), body: 'kept' })
    const gateway = await gatewayTo(t, [service.url], setup)
    await ask(gateway.url)
    const [target] = await targetsOf(gateway)
    await ask(`${gateway.adminUrl}/api/upstreams/service/targets/${target?.id}/drain`, { method: 'POST' })
    assert.equal((await ask(gateway.url)).text, 'kept')
    assert.equal((await askProblem(`${gateway.url}/other`)).code, 'EG_NO_TARGET')
    assert.equal(service.requests.length, 1)
  })

  test('stands in where the group takes no more', async t => {
    const service = await upstream(t, [{ headers: stale('stale-if-error=86400'), body: 'kept' }, 'hang'])
    const gateway = await gatewayTo(t, [service.url], {
      route: { cache: true },
      group: { retry, limits: { concurrency: 1, queue: 0 } }
    })
    await ask(gateway.url)
    const wire = await wireTo(t, gateway.port)
    wire.send('GET /held HTTP/1.1\r\nhost: a\r\n\r\n')
    await service.arrived(2)
    assert.equal((await ask(gateway.url)).text, 'kept')
    assert.equal((await askProblem(`${gateway.url}/other`)).code, 'EG_OVERLOADED')
  })

  test('is there for as long as the route says, if the answer does not, and never against its word', async t => {
    const service = await upstream(t, ({ url }, response) => {
      response.writeHead(200, stale(url.startsWith('/must') ? 'must-revalidate' : 'public')).end('kept')
    })
    const gateway = await gatewayTo(t, [service.url], { ...setup, route: { cache: { staleIfError: '2d' } } })
    for (const to of ['/may', '/must']) await ask(gateway.url + to)
    await service.close()
    assert.equal((await ask(`${gateway.url}/may`)).text, 'kept')
    assert.equal((await askProblem(`${gateway.url}/must`)).code, 'EG_UPSTREAM_FAILED')
  })

  test('is used while a new one is fetched, once, through the policies of the group', async t => {
    let release = () => {}
    const service = await upstream(t, [
      { headers: stale('stale-while-revalidate=86400'), body: 'old' },
      (_request, response) => {
        response.writeHead(200, { 'cache-control': 'max-age=60' })
        release = () => response.end('new')
      }
    ])
    const gateway = await gatewayTo(t, [nowhere, service.url], {
      route: { cache: true },
      group: { retry: { attempts: 2 }, limits: { concurrency: 10 } }
    })
    const text = async () => (await ask(gateway.url)).text
    assert.equal(await text(), 'old')
    assert.deepEqual([await text(), await text(), await text()], ['old', 'old', 'old'])
    await service.arrived(2)
    release()
    await until(async () => (await text()) === 'new')
    assert.equal(service.requests.length, 2)
    for (const { inFlight } of await targetsOf(gateway)) assert.equal(inFlight, 0)
  })
})

describe('requests for the same at the same time', () => {
  /** An upstream that holds its answers until it is told. */
  async function holding(t: TestScope, fields: Record<string, string>) {
    const held: (() => void)[] = []
    const service = await upstream(t, (_request, response) => {
      const body = `${held.length}`
      held.push(() => void (response.headersSent || response.writeHead(200, fields).end(body)))
    })
    return { service, held }
  }

  const asking = (url: string, count: number, headers = {}) => Array.from({ length: count }, () => ask(url, { headers }))

  /** Counts what comes as far as the cache. */
  const counting = { plugins: [{ use: path.join(import.meta.dirname, 'caching-arrivals.ts') }] }
  const arrived = (to: string, count: number) => until(() => arrivals.get(to) === count)

  test('are one at the upstream', async t => {
    const { service, held } = await holding(t, { 'cache-control': 'max-age=60' })
    const { url } = await gatewayTo(t, [service.url], { ...setup, ...counting })
    const first = ask(`${url}/one`)
    await service.arrived(1)
    const others = asking(`${url}/one`, 9)
    await arrived('/one', 10)
    held[0]?.()
    assert.equal((await first).text, '0')
    for (const { text, headers } of await Promise.all(others)) {
      assert.equal(text, '0')
      assert.match(String(headers['cache-status']), /hit;.*collapsed/)
    }
    assert.equal(service.requests.length, 1)
  })

  test('go on by themselves where the answer is not for all of them, and next time at once', async t => {
    const { service, held } = await holding(t, { 'cache-control': 'private' })
    const { url } = await gatewayTo(t, [service.url], setup)
    for (const already of [0, 4]) {
      const answers = asking(url, 4)
      await service.arrived(already + 1)
      for (let i = already; i < already + 4; i++) {
        await service.arrived(i + 1)
        if (already === 0) held[i]?.()
      }
      for (const answer of held) answer()
      assert.equal(new Set((await Promise.all(answers)).map(({ text }) => text)).size, 4)
    }
    assert.equal(service.requests.length, 8)
  })

  test('wait for nobody who shows a credential or a cookie', async t => {
    const { service, held } = await holding(t, { 'cache-control': 'public, max-age=60' })
    const { url } = await gatewayTo(t, [service.url], setup)
    const answers = [...asking(url, 2, { cookie: 'a=1' }), ...asking(url, 2, { authorization: 'Basic YTpi' })]
    await service.arrived(4)
    for (const answer of held) answer()
    await Promise.all(answers)
  })

  test('one of them takes over when the first client leaves', async t => {
    const { service, held } = await holding(t, { 'cache-control': 'max-age=60' })
    const gateway = await gatewayTo(t, [service.url], { ...setup, ...counting })
    const wire = await wireTo(t, gateway.port)
    wire.send(`GET /left HTTP/1.1\r\nhost: ${new URL(gateway.url).host}\r\n\r\n`)
    await service.arrived(1)
    const others = asking(`${gateway.url}/left`, 5)
    await arrived('/left', 6)
    wire.socket.destroy()
    await service.arrived(2)
    for (const answer of held) answer()
    for (const { text } of await Promise.all(others)) assert.equal(text, '1')
    assert.equal(service.requests.length, 2)
  })

  test('wait no longer than their route lets them', async t => {
    const service = await upstream(t, 'hang')
    const { url } = await gatewayTo(t, [service.url], { group: { retry }, route: { cache: true, timeout: '200ms' } })
    for (const { status } of await Promise.all(asking(url, 5))) assert.equal(status, 504)
  })
})

test('a route without a cache has none beside one that has', async t => {
  const service = await upstream(t, { headers: { 'cache-control': 'max-age=60' } })
  const { url } = await build(t, {
    upstreams: { service: { targets: [service.url] } },
    routes: [
      { prefix: '/cached', upstream: 'service', cache: true },
      { prefix: '/', upstream: 'service' }
    ]
  })
  for (let i = 0; i < 2; i++) assert.equal((await ask(`${url}/plain`)).headers['cache-status'], undefined)
  assert.equal(service.requests.length, 2)
})
