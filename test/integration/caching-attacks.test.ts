import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ReceivedRequest, type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { wireTo } from '../support/wire.ts'

const fresh = { 'cache-control': 'max-age=60' }

/** A service that trusts what it is told, and says on every answer that it may be kept. */
async function naive(
  t: TestScope,
  text: (request: ReceivedRequest) => string,
  status: (request: ReceivedRequest) => number = () => 200
) {
  const service = await upstream(t, (request, response) => {
    response.writeHead(status(request), fresh)
    response.end(request.method === 'HEAD' ? '' : text(request))
  })
  const gateway = await gatewayTo(t, [service.url], { route: { cache: true }, group: { retry: { attempts: 1 } } })
  return { service, gateway, url: gateway.url }
}

describe('nobody gets what an attacker made', () => {
  test('of links', async t => {
    const { url } = await naive(t, ({ headers }) => `${headers['x-forwarded-proto']}://${headers['x-forwarded-host']}/next`)
    const evil = {
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'evil',
      forwarded: 'host=evil.test',
      'x-host': 'evil.test'
    }
    for (const headers of [evil, { ...evil, host: 'evil.test' }]) await ask(url, { headers })
    assert.equal((await ask(url)).text, `${url}/next`)
  })

  test('of a body', async t => {
    const { url } = await naive(t, ({ body }) => `hello ${body}`)
    for (const headers of [{ 'content-length': '4' }, { 'transfer-encoding': 'chunked' }])
      await ask(url, { headers, body: 'evil' })
    assert.equal((await ask(url)).text, 'hello ')
  })

  test('of a refusal', async t => {
    const odd = (request: ReceivedRequest) => request.headers['x-odd'] !== undefined
    for (const refusal of [400, 413, 416, 429, 431]) {
      const { url } = await naive(
        t,
        () => 'page',
        request => (odd(request) ? refusal : 200)
      )
      assert.equal((await ask(url, { headers: { 'x-odd': '\t' } })).status, refusal)
      assert.equal((await ask(url)).status, 200)
    }
  })

  test('of a HEAD, a part or a condition', async t => {
    const { url } = await naive(
      t,
      () => 'page',
      ({ headers }) => (headers.range !== undefined ? 206 : headers['if-none-match'] !== undefined ? 304 : 200)
    )
    await ask(url, { method: 'HEAD' })
    assert.equal((await ask(url, { headers: { range: 'bytes=0-0' } })).status, 206)
    assert.equal((await ask(url, { headers: { 'if-none-match': '*' } })).status, 304)
    const { status, text } = await ask(url)
    assert.deepEqual([status, text], [200, 'page'])
  })

  test('of another writing of a path', async t => {
    const { gateway, service } = await naive(t, ({ url }) => url)
    for (const target of ['/a/../b', '/%62', '/b#x', '/b/.']) {
      const wire = await wireTo(t, gateway.port)
      wire.send(`GET ${target} HTTP/1.1\r\nhost: ${new URL(gateway.url).host}\r\nconnection: close\r\n\r\n`)
      await wire.all()
    }
    assert.equal((await ask(`${gateway.url}/b`)).text, '/b')
    // Whatever was kept was kept under the path that the service was asked for.
    for (const { url } of service.requests) assert.equal((await ask(gateway.url + url)).text, url)
  })
})

test('what the gateway says itself is kept by nobody', async t => {
  const service = await upstream(t, ['reset', { headers: fresh, body: 'page' }])
  const { url } = await gatewayTo(t, [service.url], { route: { cache: true }, group: { retry: { attempts: 1 } } })
  assert.equal((await ask(url)).status, 502)
  assert.equal((await ask(url)).text, 'page')
})

test('a cache that is flooded stays within its bounds, and works', async t => {
  const service = await upstream(t, ({ url }, response) => {
    response.writeHead(200, { ...fresh, vary: 'accept-language' }).end(`${url} ${'x'.repeat(1000)}`)
  })
  const gateway = await gatewayTo(t, [service.url], { route: { cache: { maxSize: '20kb', maxEntry: '2kb', maxEntries: 50 } } })
  for (let i = 0; i < 200; i++) {
    const headers = { 'accept-language': `l${i}` }
    const to = i % 2 === 0 ? `/?${i}` : '/'
    assert.ok((await ask(gateway.url + to, { headers })).text.startsWith(`${to} `))
  }
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  assert.ok(Number(/evergate_cache_bytes\S* (\d+)/.exec(text)?.[1]) <= 20 * 1024)
})
