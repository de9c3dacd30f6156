import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, type ReceivedRequest, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'

describe('an answer of a route with a prefix and a rewrite', () => {
  /** What the client sees of a Location that an upstream sends, where `/shop` stands for its `/v2`. */
  const locations: readonly (readonly [sent: string, seen: string])[] = [
    ['/v2/items', '/shop/items'],
    ['/v2', '/shop'],
    ['/v2?a=b', '/shop?a=b'],
    ['/v2/', '/shop/'],
    ['/v20/items', '/v20/items'],
    ['/elsewhere', '/elsewhere'],
    ['TARGET/v2/items?a=b#c', '/shop/items?a=b#c'],
    ['TARGET//evil.example/', '/evil.example/'],
    ['/v2//evil.example/', '/shop//evil.example/'],
    ['https://other.example/v2', 'https://other.example/v2'],
    ['items/7', 'items/7'],
    ['//evil.example/x', 'http://evil.example/x']
  ]
  for (const [sent, seen] of locations) {
    test(`sends a client to ${seen} for ${sent}`, async t => {
      const service = await upstream(t, (_request, response) => {
        const location = sent.replace('TARGET', service.url)
        response.writeHead(302, { location, 'content-location': location }).end()
      })
      const { url } = await gatewayTo(t, [service.url], { route: { prefix: '/shop', rewrite: '/v2' } })
      const { headers } = await ask(`${url}/shop/x`)
      assert.deepEqual([headers.location, headers['content-location']], [seen, seen])
      assert.equal(service.requests[0]?.url, '/v2/x')
    })
  }

  test('never begins a Location with two slashes, whatever prefix and rewrite are', async t => {
    const paths = [
      '/',
      '//evil.example',
      '/\\evil.example',
      '/v2//evil.example',
      '/v2/',
      '/v2/\\evil.example',
      '\\\\evil.example'
    ]
    const routes = [
      { prefix: '/' },
      { prefix: '/', rewrite: '/v2' },
      { prefix: '/shop', rewrite: '/' },
      { prefix: '/shop', rewrite: '/v2' }
    ] as const
    for (const path of paths) {
      for (const route of routes) {
        for (const absolute of [false, true]) {
          const service = await upstream(t, (_request, response) => {
            response.writeHead(302, { location: absolute ? service.url + path : path }).end()
          })
          const { url } = await gatewayTo(t, [service.url], { route })
          const { location = '' } = (await ask(url + route.prefix)).headers
          assert.doesNotMatch(location, /^[/\\]{2}/)
          assert.ok(!location.includes(service.url), location)
          await service.close()
        }
      }
    }
  })

  test("keeps a cookie's path under the prefix, and the cookie otherwise as it is", async t => {
    const cookies = ['a=1; Path=/v2; HttpOnly', 'b=2; Path=/v2/items', 'c=3; Path=/', 'd=4', 'e=5; Domain=x.example; path=/v2/']
    const service = await upstream(t, { headers: { 'set-cookie': cookies } })
    const { url } = await gatewayTo(t, [service.url], { route: { prefix: '/shop', rewrite: '/v2' } })
    assert.deepEqual((await ask(`${url}/shop`)).headers['set-cookie'], [
      'a=1; Path=/shop; HttpOnly',
      'b=2; Path=/shop/items',
      'c=3; Path=/',
      'd=4',
      'e=5; Domain=x.example; path=/shop'
    ])
  })

  test('is as it was without a rewrite', async t => {
    const headers = { location: '/items', 'set-cookie': ['a=1; Path=/items', 'b=2'], vary: 'accept', 'x-a': ['1', '2'] }
    const service = await upstream(t, { status: 201, headers, body: 'ok' })
    const { url } = await gatewayTo(t, [service.url])
    const answer = await ask(url)
    assert.equal(answer.headers.location, '/items')
    assert.deepEqual(answer.headers['set-cookie'], headers['set-cookie'])
    assert.deepEqual([answer.headers.vary, answer.headers['x-a']], ['accept', '1, 2'])
  })
})

describe('what an upstream is told of a client', () => {
  const claims = {
    'x-forwarded-for': '203.0.113.7, 198.51.100.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
    'x-forwarded-prefix': '/evil',
    forwarded: 'for=203.0.113.7',
    'x-real-ip': '203.0.113.7',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  }

  test('is what the gateway knows, not what a stranger says', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url])
    const { headers: answer } = await ask(url, { headers: { ...claims, via: '1.1 other', 'x-request-timeout-ms': '1' } })
    const { headers } = service.requests[0] as ReceivedRequest
    const host = url.slice('http://'.length)
    assert.equal(headers['x-forwarded-for'], '127.0.0.1')
    assert.equal(headers['x-forwarded-proto'], 'http')
    assert.equal(headers['x-forwarded-host'], host)
    assert.equal(headers.forwarded, `for=127.0.0.1;host="${host}";proto=http`)
    assert.deepEqual([headers['x-real-ip'], headers['x-forwarded-prefix']], [undefined, undefined])
    assert.match(String(headers.via), /^1\.1 other, 1\.1 evergate-[0-9a-f]+$/)
    assert.match(String(headers['traceparent']), new RegExp(`^00-${answer['x-request-id']}-[0-9a-f]{16}-01$`))
    const remaining = Number(headers['x-request-timeout-ms'])
    assert.ok(remaining > 1 && remaining <= 15_000)
    assert.equal(headers.host, service.url.slice('http://'.length))
  })

  test('continues what a trusted proxy says', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { trustProxy: ['127.0.0.0/8'] })
    await ask(url, { headers: claims })
    const { headers } = service.requests[0] as ReceivedRequest
    assert.equal(headers['x-forwarded-for'], '203.0.113.7, 198.51.100.1, 127.0.0.1')
    assert.deepEqual([headers['x-forwarded-proto'], headers['x-forwarded-host']], ['https', 'shop.example'])
    assert.match(String(headers.forwarded), /^for=203\.0\.113\.7, for=127\.0\.0\.1;/)
    assert.equal(headers['traceparent'], claims.traceparent)
  })

  test("takes the rightmost address that is nobody's proxy for the client's", async t => {
    const [first, second] = [await upstream(t, { body: 'first' }), await upstream(t, { body: 'second' })]
    const seen = async (trustProxy: string[], forwardedFor: string) => {
      const { url } = await build(t, {
        trustProxy,
        upstreams: { first: { targets: [first.url] }, second: { targets: [second.url] } },
        routes: [{ prefix: '/', split: { to: { first: 1, second: 1 }, by: 'ip' } }]
      })
      return (await ask(url, { headers: { 'x-forwarded-for': forwardedFor } })).text
    }
    // What a client puts in front of its own address changes nothing, and neither does a stranger's word.
    const own = await seen(['127.0.0.1'], '198.51.100.1')
    for (let i = 1; i <= 8; i++) assert.equal(await seen(['127.0.0.1'], `203.0.113.${i}, 198.51.100.1`), own)
    // Different addresses are told apart where they are believed.
    const others = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(i => seen(['127.0.0.1'], `203.0.113.${i}`)))
    assert.equal(new Set(others).size, 2)
    const stranger = await seen([], '203.0.113.1')
    for (let i = 2; i <= 8; i++) assert.equal(await seen([], `203.0.113.${i}`), stranger)
  })

  test("is the client's own host where the route says so", async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { route: { hostHeader: 'client' } })
    await ask(url, { headers: { host: 'shop.example' } })
    assert.equal(service.requests[0]?.headers.host, 'shop.example')
  })
})
