import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'

test('explain shows what is sent as the route makes it, and no secret that it adds', async t => {
  const transform = { path: '/v2/{path.2}', query: { set: { api_key: 'hidden-key' } } }
  const { adminUrl } = await build(t, {
    admin: '127.0.0.1:0',
    upstreams: { a: { targets: ['http://127.0.0.1:1'] } },
    routes: [{ prefix: '/users', upstream: 'a', transform }]
  })
  const explained = async (url: string) => {
    const { text } = await ask(`${adminUrl}/api/explain?url=${encodeURIComponent(url)}`)
    assert.doesNotMatch(text, /hidden-key/)
    return JSON.parse(text).sent.path
  }
  assert.equal(await explained('/users/42?b=1'), '/v2/42?b=1&api_key=***')
  assert.equal(await explained('/users'), 'a path made from what this request has not')
})

test('explain says what a route does on the way, and that nothing is sent where the gateway answers itself', async t => {
  const { adminUrl } = await build(t, {
    admin: '127.0.0.1:0',
    upstreams: {
      a: { targets: ['http://127.0.0.1:1'], timeouts: { tunnel: '10m' } },
      b: { targets: ['http://127.0.0.1:2'], protocol: 'h2c' }
    },
    routes: [
      {
        prefix: '/a',
        upstream: 'a',
        cache: { staleIfError: '1s' },
        compress: true,
        mirror: { upstream: 'b', share: 0.1 },
        fault: { delay: '1s', abort: 'reset', share: 0.5, when: { query: { q: 'x', token: 'hidden' } } },
        transform: { response: { set: { 'x-key': 'hidden' } } }
      },
      { prefix: '/b', upstream: 'b' },
      { prefix: '/old', redirect: { to: '/new', scheme: 'https' } }
    ]
  })
  const explained = async (path: string) => {
    const { text } = await ask(`${adminUrl}/api/explain?url=${path}`)
    assert.doesNotMatch(text, /hidden/)
    return JSON.parse(text)
  }
  const { policies } = await explained('/a')
  for (const said of [
    'transform: response set x-key',
    'fault on purpose: 50 % of requests with parameter q=x, parameter token=*** wait 1000 to 1000 ms and are dropped',
    /^cache: .* in memory, .* stale for 1000 ms more where the upstream fails$/,
    'mirror: copies of 10 % of requests go to b',
    /^compress: zstd br gzip, .* and \d+ more types$/,
    /^upstream a: http1, .*upgrades, events and gRPC: 600000 ms/
  ])
    assert.ok(
      policies.some((policy: string) => (typeof said === 'string' ? policy === said : said.test(policy))),
      String(said)
    )
  assert.match((await explained('/b')).policies.join('\n'), /upstream b: h2c, .*no upgrades/)
  const { policies: own, sent } = await explained('/old/7')
  assert.equal(sent, null)
  const { text: unknown } = await ask(`${adminUrl}/api/explain?method=BREW&url=/a`)
  assert.match(unknown, /no route takes that method/)
  assert.ok(own.includes('redirected by the gateway itself: 308, to /new, scheme https'))
})
