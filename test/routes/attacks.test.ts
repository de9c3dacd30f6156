import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, upstream } from '../../src/testing.ts'
import { targetsOf } from '../support/operator.ts'
import { wireTo } from '../support/wire.ts'
import { running, shop } from './running.ts'

const secured = { ...shop, admin: { address: '127.0.0.1:9901', token: 'a-secret-token' } }

describe('the guard of the admin API', () => {
  const ways = [
    '/api/config',
    '/api/%63onfig',
    '/api/config?x',
    '/api/config/',
    '//api/config',
    '/api/./config',
    '/api/nobody',
    '/x'
  ]

  test('stands before every path, however it is written, with every method', async t => {
    const { admin } = await running(t, secured)
    for (const url of ways) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const) {
        const response = await admin.inject({ method, url, headers: { host: 'localhost' } })
        assert.equal(response.statusCode, 401, `${method} ${url}`)
        assert.doesNotMatch(response.body, /a-secret|10\.0\.0/)
      }
    }
  })

  test('takes no token from a cookie, a query, another field or in part', async t => {
    const { admin } = await running(t, secured)
    for (const headers of [
      { cookie: 'token=a-secret-token' },
      { 'x-api-key': 'a-secret-token' },
      { 'x-forwarded-authorization': 'Bearer a-secret-token' },
      { authorization: 'Bearer a-secret-toke' },
      { authorization: 'Bearer a-secret-token, Bearer x' },
      { authorization: 'Bearer a-secret-token ' + 'x' },
      { authorization: `Bearer ${'a'.repeat(5000)}` }
    ] as Record<string, string>[])
      assert.equal((await admin.inject({ url: '/api/config?token=a-secret-token', headers })).statusCode, 401)
  })

  test('reads the scheme in either case', async t => {
    const { admin } = await running(t, secured)
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const headers = { authorization: `${scheme} a-secret-token` }
      assert.equal((await admin.inject({ url: '/api/config', headers })).statusCode, 200, scheme)
    }
  })

  test('with a token does not care who a page belongs to that has it, and without one a token opens nothing', async t => {
    const foreign = { host: 'gateway.test', origin: 'https://console.test', authorization: 'Bearer a-secret-token' }
    assert.equal((await (await running(t, secured)).admin.inject({ url: '/api/config', headers: foreign })).statusCode, 200)
    assert.equal((await (await running(t, shop)).admin.inject({ url: '/api/config', headers: foreign })).statusCode, 403)
  })
})

describe('a page in an operator’s browser', () => {
  test('cannot act, in whatever way browsers send its requests', async t => {
    const service = await upstream(t)
    const gateway = await build(t, {
      upstreams: { shop: { targets: [{ url: service.url, id: 'one' }] } },
      routes: [{ prefix: '/', upstream: 'shop' }]
    })
    const port = Number(new URL(gateway.adminUrl).port)
    const line = 'POST /api/upstreams/shop/targets/one/drain HTTP/1.1\r\n'
    for (const [what, fields, status] of [
      ['a form', `Host: localhost:${port}\r\nOrigin: https://evil.test\r\n`, 403],
      ['a sandboxed form', `Host: localhost:${port}\r\nOrigin: null\r\n`, 403],
      ['a page by a name that was rebound', `Host: evil.test:${port}\r\nOrigin: http://evil.test:${port}\r\n`, 403],
      ['its own name for this machine', `Host: localhost.evil.test:${port}\r\n`, 403],
      ['a page of another port', `Host: localhost:${port}\r\nOrigin: http://localhost:1\r\nSec-Fetch-Site: same-site\r\n`, 403],
      ['a page of this port by https', `Host: localhost:${port}\r\nSec-Fetch-Site: cross-site\r\n`, 403],
      ['two Hosts', `Host: localhost:${port}\r\nHost: evil.test\r\n`, 400],
      ['no Host', '', 400]
    ] as const) {
      const wire = await wireTo(t, port)
      wire.send(`${line}${fields}Content-Length: 0\r\nConnection: close\r\n\r\n`)
      assert.match(await wire.all(), new RegExp(`^HTTP/1\\.1 ${status} `), what)
    }
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.eligible, target?.why], [true, null])
  })

  test('may not read answers: nothing says that other origins may', async t => {
    const { admin } = await running(t, shop)
    for (const url of ['/livez', '/metrics', '/api/upstreams']) {
      const { headers } = await admin.inject({ url, headers: { host: 'localhost' } })
      assert.equal(headers['access-control-allow-origin'], undefined)
    }
  })
})
