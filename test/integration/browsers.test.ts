import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'

describe('csrf', () => {
  test('gives a page a token, and takes a change with it only', async t => {
    const service = await upstream(t, { headers: { 'set-cookie': 'session=1' } })
    const gateway = await gatewayTo(t, [service.url], { route: { csrf: true } })
    const page = await ask(gateway.url)
    const [session, given = ''] = page.headers['set-cookie'] ?? []
    assert.equal(session, 'session=1')
    const [, token = ''] = /^XSRF-TOKEN=([\da-f]{32}); Path=\/; SameSite=Lax$/.exec(given) ?? []
    const cookie = `session=1; XSRF-TOKEN=${token}`
    const change = (headers: Record<string, string>) => ({ method: 'POST', headers: { cookie, ...headers } })
    assert.equal((await ask(gateway.url, change({ 'x-xsrf-token': token }))).status, 200)
    // Who has one keeps it.
    assert.deepEqual((await ask(gateway.url, { headers: { cookie } })).headers['set-cookie'], ['session=1'])
    const missing = await askProblem(gateway.url, change({}))
    assert.deepEqual([missing['status'], missing['code']], [403, 'EG_FORBIDDEN'])
    const foreign = await askProblem(gateway.url, change({ 'x-xsrf-token': token, origin: 'https://evil.test' }))
    assert.equal(foreign['detail'], 'The request comes from a page of another origin.')
    assert.equal(service.requests.length, 3)
    assert.equal(await metricOf(gateway, 'evergate_foreign_total{route="/",check="csrf"}'), 2)
  })

  test('puts no token on what is for everybody, or on other routes', async t => {
    const service = await upstream(t, { headers: { 'cache-control': 'public, max-age=60' } })
    const { url } = await build(t, {
      upstreams: { service: { targets: [service.url] } },
      routes: [
        { prefix: '/', upstream: 'service' },
        { prefix: '/shop', upstream: 'service', csrf: { cookie: 'csrf', header: 'X-CSRF' } }
      ]
    })
    for (const target of ['/', '/shop']) assert.equal((await ask(url + target)).headers['set-cookie'], undefined)
    assert.equal((await ask(`${url}/`, { method: 'POST', headers: { cookie: 'a=b', origin: 'https://evil.test' } })).status, 200)
    const cookie = `csrf=${'a'.repeat(32)}`
    assert.equal((await ask(`${url}/shop`, { method: 'POST', headers: { cookie, 'x-csrf': 'a'.repeat(32) } })).status, 200)
  })

  test('only counts with mode: observe', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { csrf: true, mode: 'observe' } })
    assert.equal((await ask(gateway.url, { method: 'POST', headers: { origin: 'https://evil.test' } })).status, 200)
    assert.equal(await metricOf(gateway, 'evergate_foreign_total{route="/",check="csrf"}'), 1)
  })

  test('marks its cookie Secure where the client came by https', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { route: { csrf: true }, trustProxy: ['127.0.0.1'] })
    const { headers } = await ask(url, { headers: { 'x-forwarded-proto': 'https' } })
    assert.match(String(headers['set-cookie']), /; SameSite=Lax; Secure$/)
  })
})

describe('security headers', () => {
  const careful = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin'
  }

  test('stand on every answer of the route, refusals too, where the upstream does not say them itself', async t => {
    const service = await upstream(t, { headers: { 'X-Frame-Options': 'DENY', 'content-security-policy': "default-src 'none'" } })
    const { url } = await build(t, {
      upstreams: { service: { targets: [service.url] }, down: { targets: ['http://127.0.0.1:1'], retry: { attempts: 1 } } },
      routes: [
        { prefix: '/', upstream: 'service' },
        { prefix: '/page', upstream: 'service', securityHeaders: true },
        { prefix: '/down', upstream: 'down', securityHeaders: true }
      ]
    })
    const has = async (target: string) => {
      const { headers } = await ask(url + target)
      return Object.fromEntries(Object.keys(careful).map(name => [name, headers[name]]))
    }
    assert.deepEqual(await has('/page'), { ...careful, 'x-frame-options': 'DENY' })
    assert.deepEqual(await has('/down'), careful)
    assert.deepEqual(await has('/'), {
      ...Object.fromEntries(Object.keys(careful).map(name => [name, undefined])),
      'x-frame-options': 'DENY'
    })
    const { headers } = await ask(`${url}/page`)
    assert.deepEqual(
      [headers['content-security-policy'], headers['strict-transport-security']],
      ["default-src 'none'", undefined]
    )
  })

  test('are those that the route asks for; of https they say it over https alone', async t => {
    const service = await upstream(t)
    const securityHeaders = {
      contentSecurityPolicy: "default-src 'self'",
      hsts: { maxAge: '1h', includeSubDomains: true },
      frameOptions: 'off',
      referrerPolicy: 'same-origin',
      resourcePolicy: 'cross-origin',
      openerPolicy: 'unsafe-none'
    } as const
    const { url } = await gatewayTo(t, [service.url], { route: { securityHeaders }, trustProxy: ['127.0.0.1'] })
    const plain = (await ask(url)).headers
    assert.deepEqual(
      [
        'content-security-policy',
        'x-frame-options',
        'referrer-policy',
        'cross-origin-resource-policy',
        'cross-origin-opener-policy'
      ].map(name => plain[name]),
      ["default-src 'self'", undefined, 'same-origin', 'cross-origin', 'unsafe-none']
    )
    assert.equal(plain['strict-transport-security'], undefined)
    const { headers } = await ask(url, { headers: { 'x-forwarded-proto': 'https' } })
    assert.equal(headers['strict-transport-security'], 'max-age=3600; includeSubDomains')
  })
})
