import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { maskedConfig } from '../../routes/admin/config.ts'
import { questionOf } from '../../routes/admin/explain.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { answered, attempt, reset } from '../unit/fixtures/attempts.ts'
import { running, shop } from './running.ts'

const headers = { host: 'localhost' }

describe('GET /api/upstreams', () => {
  test('shows every target with what it is and does', async t => {
    const { admin } = await running(t, shop)
    const { upstreams } = (await admin.inject({ url: '/api/upstreams', headers })).json()
    assert.equal(upstreams.length, 1)
    const [{ name, balance, targets }] = upstreams
    assert.deepEqual([name, balance, targets.length], ['shop', 'two-choices', 2])
    const [first, second] = targets
    for (const key of [
      'id',
      'url',
      'tier',
      'weight',
      'eligible',
      'why',
      'health',
      'breaker',
      'ejectedUntil',
      'inFlight',
      'latencyMs',
      'requests',
      'failures',
      'telemetry'
    ])
      assert.ok(key in first, key)
    assert.deepEqual(
      [first.id, first.url, first.weight, first.eligible, first.why],
      ['10.0.0.1:3000', 'http://10.0.0.1:3000', 1, true, null]
    )
    assert.deepEqual([second.id, second.weight, second.zone], ['second', 3, 'b'])
    assert.deepEqual(first.latencyMs, { p50: null, p95: null, p99: null })
    assert.deepEqual([first.breaker, first.inFlight, first.requests, first.failures], ['closed', 0, 0, 0])
  })

  test('shows what attempts came to', async t => {
    const { admin, registry } = await running(t, shop)
    const group = registry.group('shop')
    const [target] = group.targets
    assert.ok(target !== undefined)
    const tell = (of: 'started' | 'ended', made: ReturnType<typeof attempt>) => {
      for (const observer of group.observers) observer[of]?.(made, 20)
    }
    for (const [outcome, verdict] of [
      [answered(200), 'success'],
      [reset, 'failure']
    ] as const) {
      const made = attempt(target, 0, outcome, 20)
      tell('started', made)
      for (const observer of group.observers) observer.judged?.(made, verdict, 20)
      tell('ended', made)
    }
    tell('started', attempt(target, 0))
    const [shown] = (await admin.inject({ url: '/api/upstreams', headers })).json().upstreams[0].targets
    assert.deepEqual([shown.inFlight, shown.requests, shown.failures, shown.latencyMs.p50], [1, 3, 1, 20])
  })
})

describe('an operator', () => {
  test('drains a target and puts it back', async t => {
    const { admin } = await running(t, shop)
    const act = (action: string) => admin.inject({ method: 'POST', url: `/api/upstreams/shop/targets/second/${action}`, headers })
    const shown = async () => (await admin.inject({ url: '/api/upstreams', headers })).json().upstreams[0].targets[1]
    const { statusCode, body } = await act('drain')
    assert.equal(statusCode, 200, body)
    const drained = await shown()
    assert.equal(drained.eligible, false)
    assert.match(drained.why, /drained/)
    assert.deepEqual([drained.maintenance.action, drained.maintenance.who], ['drain', '127.0.0.1'])
    assert.ok(!Number.isNaN(Date.parse(drained.maintenance.when)))
    await act('enable')
    assert.deepEqual([(await shown()).eligible, (await shown()).maintenance], [true, null])
  })

  test('is told what does not exist', async t => {
    const { admin } = await running(t, shop)
    for (const path of ['nowhere/targets/second/drain', 'shop/targets/none/drain', 'shop/targets/second/explode']) {
      const response = await admin.inject({ method: 'POST', url: `/api/upstreams/${path}`, headers })
      assert.deepEqual([response.statusCode, response.json().code], [404, 'EG_NO_ROUTE'], path)
    }
  })
})

test('GET /api/routes shows every route in the order of the file, without what it does not ask for', async t => {
  const { admin } = await running(t, {
    upstreams: { shop: { targets: ['http://10.0.0.1:3000'] }, next: { targets: ['http://10.0.0.2:3000'] } },
    routes: [
      {
        prefix: '/b',
        upstream: 'shop',
        host: 'API.test',
        methods: ['GET'],
        headers: { 'X-A': '1' },
        query: { q: '2' },
        rewrite: '/c',
        timeout: '3s'
      },
      { prefix: '/a', split: { shop: 3, next: 1 } }
    ]
  })
  const { routes } = (await admin.inject({ url: '/api/routes', headers })).json()
  assert.deepEqual(routes, [
    {
      prefix: '/b',
      host: 'api.test',
      methods: ['GET'],
      headers: { 'x-a': '1' },
      query: { q: '2' },
      upstream: 'shop',
      rewrite: '/c',
      timeoutMs: 3000
    },
    { prefix: '/a', split: { shop: 0.75, next: 0.25 }, timeoutMs: 15_000 }
  ])
})

describe('GET /api/config', () => {
  test('shows what runs, secrets masked', async t => {
    const { admin } = await running(t, {
      ...shop,
      admin: { address: '127.0.0.1:9901', token: 'a-secret-token' },
      plugins: [
        {
          use: '../plugins/nothing.ts',
          name: 'nothing',
          options: { apiKey: 'k-1', list: [{ password: 'p-1' }], header: 'x-tenant' }
        }
      ]
    })
    const response = await admin.inject({ url: '/api/config', headers: { authorization: 'Bearer a-secret-token' } })
    assert.equal(response.statusCode, 200)
    assert.doesNotMatch(response.body, /a-secret-token|k-1|p-1/)
    assert.match(response.body, /x-tenant/)
    assert.equal(response.json().upstreams[0].targets[1].id, 'second')
  })

  test('masks values under names of secrets, and nothing else', () => {
    const config = {
      token: 'a',
      clientSecret: 'a',
      password: 'a',
      api_key: 'a',
      tls: { key: 'a', cert: 'a', ca: 'public', servername: 'n' },
      list: { passwords: ['a', 'b'] },
      keyspace: 'shown',
      monkey: 'shown',
      secretCount: 3,
      enabled: true,
      none: null
    }
    assert.deepEqual(maskedConfig(config), {
      token: '***',
      clientSecret: '***',
      password: '***',
      api_key: '***',
      tls: { key: '***', cert: '***', ca: 'public', servername: 'n' },
      list: { passwords: ['***', '***'] },
      keyspace: 'shown',
      monkey: 'shown',
      secretCount: 3,
      enabled: true,
      none: null
    })
  })
})

describe('GET /api/explain', () => {
  test('says which route a request takes and what goes out', async t => {
    const { admin } = await running(t, shop)
    const { route, sent, targets } = (await admin.inject({ url: '/api/explain?method=get&url=/orders/%257e', headers })).json()
    assert.equal(route.prefix, '/orders')
    assert.deepEqual(sent, { method: 'GET', path: '/orders/~' })
    assert.equal(targets.length, 2)
  })

  test('says why a request takes none', async t => {
    const { admin } = await running(t, shop)
    const { route, refused, others } = (await admin.inject({ url: '/api/explain?url=/else', headers })).json()
    assert.equal(route, null)
    assert.equal(refused.code, 'EG_NO_ROUTE')
    assert.match(others[0].why, /not under \/orders/)
  })

  test('needs a URL, once', async t => {
    const { admin } = await running(t, shop)
    for (const query of ['', '?method=GET', '?url=/a&url=/b', '?url=/a&header=nocolon']) {
      const response = await admin.inject({ url: `/api/explain${query}`, headers })
      assert.deepEqual([response.statusCode, response.json().code], [400, 'EG_BAD_REQUEST'], query)
    }
  })

  test('takes fields as they are written', () => {
    assert.deepEqual(questionOf({ url: '/a', method: 'post', header: ['X-A:  b:c ', 'host: shop.test'] }), {
      method: 'POST',
      target: '/a',
      headers: { 'x-a': 'b:c', host: 'shop.test' }
    })
    assert.throws(() => questionOf({ url: '/a', header: ': x' }), GatewayError)
  })
})

test('GET /api/routes says what routes do with requests and answers, without the values that they give', async t => {
  const { admin } = await running(t, {
    upstreams: { shop: { targets: ['http://10.0.0.1:3000'] }, next: { targets: ['http://10.0.0.2:3000'] } },
    routes: [
      {
        prefix: '/a',
        upstream: 'shop',
        cache: { maxSize: '2mb', staleIfError: '1h' },
        compress: { encodings: ['gzip'], types: ['text/css'], min: '1kb' },
        mirror: { upstream: 'next', share: 0.5, compare: true },
        fault: { abort: 503, when: { headers: { 'x-token': 'hidden' } } },
        transform: { request: { set: { 'x-key': 'hidden' }, remove: ['cookie'] }, path: '/b{rest}' }
      }
    ]
  })
  const response = await admin.inject({ url: '/api/routes', headers })
  assert.doesNotMatch(response.body, /hidden/)
  assert.deepEqual(response.json().routes, [
    {
      prefix: '/a',
      upstream: 'shop',
      timeoutMs: 15_000,
      transform: { path: '/b{rest}', request: { set: ['x-key'], remove: ['cookie'] } },
      fault: { share: 1, abort: 503, headers: { 'x-token': '***' } },
      cache: {
        store: 'memory',
        maxBytes: 2 * 1024 ** 2,
        maxEntries: 10_000,
        maxEntryBytes: 1024 ** 2,
        staleIfErrorMs: 3_600_000,
        staleWhileRevalidateMs: 0,
        tags: 'surrogate-key'
      },
      mirrors: [{ upstream: 'next', share: 0.5, compare: true }],
      compress: { encodings: ['gzip'], types: ['text/css'], minBytes: 1024 }
    }
  ])
})
