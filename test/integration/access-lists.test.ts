import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })

describe('a network that is denied', () => {
  test('gets 403 for everything, for paths without a route too, and nothing reaches a target', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { security: { deny: ['127.0.0.0/8'] }, route: { prefix: '/orders' } })
    for (const [method, path] of [
      ['GET', '/orders/1'],
      ['POST', '/orders'],
      ['OPTIONS', '/orders'],
      ['GET', '/nobody'],
      ['GET', '/%zz'],
      ['TRACE', '/orders']
    ] as const) {
      const { status, code } = await askProblem(gateway.url + path, { method })
      assert.deepEqual([status, code], [403, 'EG_FORBIDDEN'], `${method} ${path}`)
    }
    assert.equal(service.requests.length, 0)
    assert.equal(await metricOf(gateway, 'evergate_denied_total{route="/orders",list="deny"}'), 3)
    assert.equal(await metricOf(gateway, 'evergate_denied_total{route="none",list="deny"}'), 3)
  })

  test('still reaches the admin listener', async t => {
    const { adminUrl } = await gatewayTo(t, ['http://127.0.0.1:1'], { security: { deny: ['127.0.0.0/8'] } })
    assert.equal((await ask(`${adminUrl}/api/upstreams`)).status, 200)
  })

  test('stands in the access log with the address that was refused', async t => {
    const log = accessLog()
    const { url } = await gatewayTo(t, ['http://127.0.0.1:1'], {
      security: { deny: ['127.0.0.1'] },
      options: { logger: log.logger }
    })
    await ask(url)
    const { status, error } = await log.line(1)
    assert.deepEqual([status, error], [403, 'EG_FORBIDDEN'])
  })
})

describe('behind a trusted proxy', () => {
  test('the address is that of the client, and nobody forges it from elsewhere', async t => {
    const service = await upstream(t)
    const lists = { allow: ['192.0.2.0/24', '2001:db8::/32'], deny: ['192.0.2.66'] }
    const behind = await gatewayTo(t, [service.url], { trustProxy: ['127.0.0.1'], security: lists })
    for (const [address, status] of [
      ['192.0.2.7', 200],
      ['::ffff:192.0.2.7', 200],
      ['2001:db8::1', 200],
      ['192.0.2.7:40000', 200],
      ['192.0.2.66', 403],
      ['::ffff:192.0.2.66', 403],
      ['192.0.2.7, 198.51.100.1', 403],
      ['198.51.100.1', 403],
      ['unknown', 403]
    ] as const)
      assert.equal((await ask(behind.url, from(address))).status, status, address)
    const alone = await gatewayTo(t, [service.url], { security: lists })
    assert.equal((await ask(alone.url, from('192.0.2.7'))).status, 403)
  })
})

describe('lists of a route', () => {
  test('count for that route alone, and only among those that come in at all', async t => {
    const service = await upstream(t)
    const to = (prefix: string, more: object = {}) => ({ prefix, upstream: 'service', ...more })
    const { url } = await build(t, {
      trustProxy: ['127.0.0.1'],
      security: { deny: ['192.0.2.66'] },
      upstreams: { service: { targets: [service.url] } },
      routes: [to('/inside', { allow: ['192.0.2.0/24'] }), to('/outside', { deny: ['192.0.2.0/24'] }), to('/open')]
    })
    for (const [path, address, status] of [
      ['/inside', '192.0.2.7', 200],
      ['/inside', '198.51.100.1', 403],
      ['/inside', '192.0.2.66', 403],
      ['/outside', '192.0.2.7', 403],
      ['/outside', '198.51.100.1', 200],
      ['/open', '192.0.2.7', 200],
      ['/open', '192.0.2.66', 403]
    ] as const)
      assert.equal((await ask(url + path, from(address))).status, status, `${path} ${address}`)
  })

  test('only count with mode: observe', async t => {
    const service = await upstream(t)
    const route = { deny: ['127.0.0.1'], mode: 'observe' as const }
    const gateway = await gatewayTo(t, [service.url], { route, security: { allow: ['10.0.0.0/8'] } })
    assert.equal((await ask(gateway.url)).status, 200)
    assert.equal(await metricOf(gateway, 'evergate_denied_total{route="/",list="allow"}'), 1)
    assert.equal((await ask(gateway.url)).status, 200)
    assert.equal(service.requests.length, 2)
  })
})
