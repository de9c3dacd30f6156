import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build, type ConfigInput, upstream } from '../../src/testing.ts'
import { gatewayTo } from '../support/gateway.ts'
import { wireTo } from '../support/wire.ts'

async function answerTo(t: Parameters<typeof wireTo>[0], port: number, target: string, host: string): Promise<string> {
  const wire = await wireTo(t, port)
  wire.send(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
  return wire.all()
}

test('a route with a whole path takes that path alone', async t => {
  const service = await upstream(t, {})
  const { url } = await build(t, {
    upstreams: { service: { targets: [service.url] } },
    routes: [
      { path: '/a', upstream: 'service', rewrite: '/inside/' },
      { prefix: '/b', upstream: 'service', transform: { path: '/one{{two}}' } }
    ]
  })
  for (const [path, status] of [
    ['/a?x=1', 200],
    ['/a/', 404],
    ['/a/b', 404],
    ['/b/c?y=2', 200]
  ] as const)
    assert.equal((await fetch(url + path)).status, status, path)
  // Whoever takes ; for the beginning of parameters would read the path of the route.
  assert.equal((await fetch(`${url}/a;b`)).status, 400)
  assert.deepEqual(
    service.requests.map(request => request.url),
    ['/inside/?x=1', '/one{two}?y=2']
  )
})

type RouteInput = NonNullable<ConfigInput['routes']>[number]

const redirects: readonly [
  redirect: RouteInput['redirect'] & object,
  host: string,
  location: string,
  transform?: RouteInput['transform']
][] = [
  [{ scheme: 'https', status: 301 }, 'shop.test:8080', 'https://shop.test/old/a?b'],
  [{ port: 8083 }, 'shop.test', 'http://shop.test:8083/old/a?b'],
  [{ host: 'new.example', to: '/new' }, 'shop.test', 'http://new.example/new/a?b'],
  [{}, 'shop.test', '/new?b', { path: '/new' }],
  [{ scheme: 'https' }, 'shop.test:8080', 'https://shop.test/new/a?b&c=1', { path: '/new{rest}', query: { set: { c: '1' } } }],
  [{ port: 8083 }, 'shop.test', 'http://shop.test:8083/old/a', { query: { remove: ['b'] } }],
  [{ host: 'new.example', to: '/new' }, 'shop.test', 'http://new.example/new/a', { query: { remove: ['b'] } }]
]
for (const [redirect, host, location, transform = {}] of redirects)
  test(`a redirect to ${JSON.stringify(redirect)} with ${JSON.stringify(transform)} is one to ${location}`, async t => {
    const { port } = await build(t, { upstreams: {}, routes: [{ prefix: '/old', redirect, transform }] })
    const answer = await answerTo(t, port, '/old/a?b', host)
    assert.match(answer, 'status' in redirect ? /^HTTP\/1\.1 301 / : /^HTTP\/1\.1 308 /)
    assert.equal(/^location: (.*)\r$/im.exec(answer)?.[1], location)
  })

test('a redirect that keeps the host goes nowhere for a Host that is none', async t => {
  const service = await upstream(t, {})
  const { port } = await gatewayTo(t, [service.url], { route: { upstream: undefined, redirect: { scheme: 'https' } } as never })
  for (const host of ['a b', 'a@evil.example', '/evil.example'])
    assert.match(await answerTo(t, port, '/', host), /^HTTP\/1\.1 400 /, host)
})
