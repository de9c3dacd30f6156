import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'

const good = 'https://app.example'
const evil = 'https://evil.test'
const preflight = (origin: string, method = 'PUT', more: Record<string, string> = {}) => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': method, ...more }
})

/** Fields that say what pages of other origins may do. */
const corsOf = (headers: NodeJS.Dict<string | string[]>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))

describe('a preflight', () => {
  test('is answered here, with what the route allows', async t => {
    const service = await upstream(t)
    const cors = { origins: [good], headers: ['x-token'], exposed: ['etag'], credentials: true, maxAge: '10m' as const }
    const { url } = await gatewayTo(t, [service.url], { route: { cors } })
    const { status, headers, text } = await ask(url, preflight(good))
    assert.deepEqual([status, text], [204, ''])
    assert.deepEqual(corsOf(headers), {
      'access-control-allow-origin': good,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'x-token',
      'access-control-expose-headers': 'etag',
      'access-control-max-age': '600'
    })
    assert.match(String(headers.vary), /\bOrigin\b/)
    assert.equal(service.requests.length, 0)
  })

  test('is told the method that it asks for where every one may be used', async t => {
    const service = await upstream(t)
    const cors = { origins: [good], methods: ['*'] }
    const { url } = await gatewayTo(t, [service.url], { route: { methods: ['PUT', 'OPTIONS'], cors } })
    for (const [method, told] of [
      ['PUT', /^PUT$/],
      // A request that no route takes is not asked for in its name.
      ['NOTHING', /^ACL, .*, PUT, /]
    ] as const)
      assert.match(String((await ask(url, preflight(good, method))).headers['access-control-allow-methods']), told, method)
    assert.equal(service.requests.length, 0)
  })

  test('gets nothing that it could use for another origin, and is counted', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { cors: { origins: [good], credentials: true } } })
    for (const origin of [evil, 'null', 'https://app.example.evil.test']) {
      const { status, headers } = await ask(gateway.url, preflight(origin))
      assert.deepEqual([status, corsOf(headers), headers.vary], [204, {}, 'Origin'], origin)
    }
    assert.equal(service.requests.length, 0)
    assert.equal(await metricOf(gateway, 'evergate_foreign_total{route="/",check="cors"}'), 3)
  })

  test('finds the route of the request that it asks for, by its method and by the headers that it announces', async t => {
    const service = await upstream(t, { headers: { 'x-from': 'upstream' } })
    const { url } = await build(t, {
      upstreams: { service: { targets: [service.url] } },
      routes: [
        { prefix: '/a', upstream: 'service', methods: ['PUT'], cors: { origins: [good] } },
        { prefix: '/a', upstream: 'service', methods: ['POST'], cors: { origins: [evil] } },
        { prefix: '/a', upstream: 'service', methods: ['GET', 'OPTIONS'] },
        { prefix: '/v', upstream: 'service', headers: { 'x-version': '2' }, cors: { origins: [good] } }
      ]
    })
    const put = await ask(`${url}/a`, preflight(good, 'PUT'))
    assert.deepEqual([put.headers['access-control-allow-origin'], put.headers['access-control-allow-methods']], [good, 'PUT'])
    const post = await ask(`${url}/a`, preflight(evil, 'POST'))
    assert.equal(post.headers['access-control-allow-methods'], 'POST')
    const versioned = await ask(`${url}/v`, preflight(good, 'GET', { 'access-control-request-headers': 'X-Version' }))
    assert.equal(versioned.headers['access-control-allow-origin'], good)
    assert.equal((await ask(`${url}/v`, preflight(good, 'GET'))).status, 404)
    assert.equal(service.requests.length, 0)
    // Where nothing of it is said, the upstream answers for itself.
    assert.equal((await ask(`${url}/a`, preflight(good, 'GET'))).headers['x-from'], 'upstream')
    assert.equal((await ask(`${url}/a`, { method: 'OPTIONS' })).headers['x-from'], 'upstream')
  })

  test('needs no address that is allowed: what it learns is no secret', async t => {
    const route = { cors: { origins: [good] }, deny: ['127.0.0.1'] }
    const { url } = await gatewayTo(t, ['http://127.0.0.1:1'], { route })
    assert.equal((await ask(url, preflight(good))).status, 204)
    const refused = await ask(url, { headers: { origin: good } })
    // A script may read why.
    assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [403, good])
  })

  test('cannot be read by another path than the request', async t => {
    const { url } = await build(t, {
      upstreams: { service: { targets: ['http://127.0.0.1:1'] } },
      routes: [
        { prefix: '/', upstream: 'service', cors: { origins: ['*'] } },
        { prefix: '/admin', upstream: 'service', methods: ['GET'] }
      ]
    })
    assert.equal((await ask(`${url}/admin%2fx`, preflight(evil, 'GET'))).status, 400)
  })
})

describe('an answer', () => {
  test('says what the gateway says, in place of the upstream, to the origins that it knows', async t => {
    const theirs = {
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '1',
      vary: 'Accept-Encoding'
    }
    const service = await upstream(t, { headers: theirs, body: 'ok' })
    const { url } = await gatewayTo(t, [service.url], { route: { cors: { origins: [good], exposed: ['etag'] } } })
    const known = await ask(url, { headers: { origin: good } })
    assert.deepEqual(corsOf(known.headers), { 'access-control-allow-origin': good, 'access-control-expose-headers': 'etag' })
    for (const headers of [{ origin: evil }, { origin: 'null' }, {}] as Record<string, string>[]) {
      const answer = await ask(url, { headers })
      assert.deepEqual([answer.status, answer.text, corsOf(answer.headers)], [200, 'ok', {}])
      assert.equal(answer.headers.vary, 'Accept-Encoding, Origin')
    }
  })

  test('to everybody does not vary', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { route: { cors: { origins: ['*'] } } })
    const { headers } = await ask(url, { headers: { origin: evil } })
    assert.deepEqual([corsOf(headers), headers.vary], [{ 'access-control-allow-origin': '*' }, undefined])
  })

  test('of a route without cors passes as it is', async t => {
    const service = await upstream(t, { headers: { 'access-control-allow-origin': '*' } })
    const { url } = await build(t, {
      upstreams: { service: { targets: [service.url] } },
      routes: [
        { prefix: '/', upstream: 'service' },
        { prefix: '/here', upstream: 'service', cors: { origins: [good] } }
      ]
    })
    const { headers } = await ask(url, { headers: { origin: evil } })
    assert.deepEqual([headers['access-control-allow-origin'], headers.vary], ['*', undefined])
  })

  test('to a stream has them too', async t => {
    const service = await upstream(t, (_request, response) => {
      response.writeHead(200, { 'access-control-allow-origin': 'http://wrong.test' })
      response.write('a')
      response.end('b')
    })
    const { url } = await gatewayTo(t, [service.url], { route: { cors: { origins: [good] } } })
    const { headers, text } = await ask(url, { headers: { origin: good } })
    assert.deepEqual([headers['access-control-allow-origin'], text], [good, 'ab'])
  })

  test('to a page of the server itself is not counted as foreign', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { cors: { origins: [good] } } })
    await ask(gateway.url, { method: 'POST', headers: { origin: gateway.url } })
    assert.equal(await metricOf(gateway, 'evergate_foreign_total{route="/",check="cors"}'), undefined)
  })
})

test('with mode: observe other origins are counted, and the upstream answers them', async t => {
  const service = await upstream(t, { headers: { 'access-control-allow-origin': 'http://old.test' } })
  const gateway = await gatewayTo(t, [service.url], { route: { cors: { origins: [good] }, mode: 'observe' } })
  for (const question of [preflight(evil), { headers: { origin: evil } }])
    assert.equal((await ask(gateway.url, question)).headers['access-control-allow-origin'], 'http://old.test')
  assert.equal((await ask(gateway.url, preflight(good))).headers['access-control-allow-origin'], good)
  assert.equal(await metricOf(gateway, 'evergate_foreign_total{route="/",check="cors"}'), 2)
  assert.equal(service.requests.length, 2)
})
