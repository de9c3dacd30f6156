import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { wireTo } from '../support/wire.ts'

const internal = /127\.0\.0\.1|localhost|ECONN|\.ts:|node:|at .*\(|undici|fastify/i

/** A problem as a client reads it: nothing in it but what is promised. */
function assertProblem(text: string, status: number, code: string): void {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const fields = new Map(head.split('\r\n').map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line]))
  assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `))
  assert.equal(fields.get('content-type'), 'content-type: application/problem+json; charset=utf-8')
  const { type, title, detail = '', ...rest } = JSON.parse(body)
  const requestId = fields.get('x-request-id')?.slice('x-request-id: '.length)
  assert.deepEqual(rest, { status, code, requestId })
  assert.equal(type, `urn:evergate:error:${code}`)
  assert.ok(title.length > 0 && requestId)
  assert.doesNotMatch(title + detail + head, internal)
}

const get = (target: string, fields = '') => `GET ${target} HTTP/1.1\r\nhost: a\r\n${fields}connection: close\r\n\r\n`
const post = (fields: string, body: string) => `POST /up HTTP/1.1\r\nhost: a\r\n${fields}\r\n${body}`

describe('a request that the gateway answers itself', () => {
  for (const [what, bytes, status, code] of [
    ['without a route', get('/nobody'), 404, 'EG_NO_ROUTE'],
    ['with a method that its route does not take', get('/only-post'), 405, 'EG_METHOD'],
    ['with a method that nobody takes', 'TRACE /up HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 405, 'EG_METHOD'],
    ['that asks for a tunnel', 'CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n', 405, 'EG_METHOD'],
    ['with a malformed escape', get('/up/%zz'), 400, 'EG_BAD_REQUEST'],
    ['that is not HTTP', 'hello\r\n\r\n', 400, 'EG_BAD_REQUEST'],
    ['without a host', 'GET /up HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'EG_BAD_REQUEST'],
    ['with two hosts', get('/up', 'host: b\r\n'), 400, 'EG_BAD_REQUEST'],
    ['with a host that is none', 'GET /up HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n', 400, 'EG_BAD_REQUEST'],
    ['with a length and chunks', post('content-length: 2\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'), 400, 'EG_BAD_REQUEST'],
    ['with a broken chunk', post('transfer-encoding: chunked\r\n', 'zz\r\n'), 400, 'EG_BAD_REQUEST'],
    ['coded otherwise', post('transfer-encoding: gzip, chunked\r\n', '0\r\n\r\n'), 501, 'EG_NOT_IMPLEMENTED'],
    ['of version 1.0 with chunks', 'POST /up HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'EG_BAD_REQUEST'],
    ['with a large body', post('content-length: 5000\r\nconnection: close\r\n', 'x'.repeat(5000)), 413, 'EG_BODY_TOO_LARGE'],
    ['with a long target', get(`/up/${'a'.repeat(20_000)}`), 414, 'EG_URI_TOO_LONG'],
    ['with large fields', get('/up', `x-a: ${'a'.repeat(20_000)}\r\n`), 431, 'EG_HEADERS_TOO_LARGE'],
    ['for an upstream that is down', get('/down'), 502, 'EG_UPSTREAM_FAILED'],
    ['for an upstream that does not answer', get('/silent'), 504, 'EG_TIMEOUT']
  ] as const) {
    test(`${what} is ${code}`, async t => {
      const silent = await upstream(t, 'hang')
      const { port } = await build(t, {
        upstreams: {
          up: { targets: [silent.url] },
          down: { targets: [nowhere] },
          silent: { targets: [silent.url], retry: { attempts: 1 }, timeouts: { response: '100ms' } }
        },
        routes: [
          { prefix: '/up', upstream: 'up', body: { max: '1kb' } },
          { prefix: '/only-post', upstream: 'up', methods: ['POST'] },
          { prefix: '/down', upstream: 'down' },
          { prefix: '/silent', upstream: 'silent' }
        ]
      })
      const wire = await wireTo(t, port)
      wire.send(bytes)
      assertProblem(await wire.all(), status, code)
    })
  }

  test('that has been here before is EG_LOOP, however its Via is written', async t => {
    let around = ''
    const relay = await upstream(t, async ({ headers }, response) => {
      const { via, host, connection, ...rest } = headers
      const again = await ask(around, { headers: { ...(rest as Record<string, string>), via: `1.1 other, ${via}` } })
      response.writeHead(again.status, { 'content-type': again.headers['content-type'] }).end(again.body)
    })
    const gateway = await gatewayTo(t, [relay.url])
    around = gateway.url
    const { status, text } = await ask(gateway.url)
    assert.deepEqual([status, JSON.parse(text).code], [508, 'EG_LOOP'])
    assert.equal(relay.requests.length, 1)
  })

  test('late in its own sending is EG_CLIENT_TIMEOUT', async t => {
    const { port } = await gatewayTo(t, [nowhere], { timeouts: { headers: '100ms' } })
    const wire = await wireTo(t, port)
    wire.send('GET / HTTP/1.1\r\nhost:')
    assertProblem(await wire.all(), 408, 'EG_CLIENT_TIMEOUT')
  })
})

describe('every answer', () => {
  test('has an id, made by the gateway, which the upstream sees and does not change', async t => {
    const service = await upstream(t, { headers: { 'x-request-id': 'theirs' } })
    const { url } = await gatewayTo(t, [service.url])
    const { headers } = await ask(url, { headers: { 'x-request-id': 'mine' } })
    assert.match(String(headers['x-request-id']), /^[0-9a-f]{32}$/)
    assert.equal(service.requests[0]?.headers['x-request-id'], headers['x-request-id'])
  })

  test('has the id of a trusted client where that is well formed', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { trustProxy: ['127.0.0.1'] })
    assert.equal((await ask(url, { headers: { 'x-request-id': 'order-7' } })).headers['x-request-id'], 'order-7')
    assert.match(String((await ask(url, { headers: { 'x-request-id': 'a b' } })).headers['x-request-id']), /^[0-9a-f]{32}$/)
    assert.equal(service.requests[0]?.headers['x-request-id'], 'order-7')
  })
})
