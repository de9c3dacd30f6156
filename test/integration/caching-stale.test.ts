import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Behaviour, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'

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
