import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { describe, test } from 'node:test'
import { build, fakeClock, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { selfSigned } from '../support/certificate.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { targetsOf } from '../support/operator.ts'

const internal = /127\.0\.0\.1|localhost|ECONN|\.ts:|at Socket/

describe('a user never sees', () => {
  test('an answer of an upstream with a self-signed certificate, unless the operator says so', async t => {
    const service = await upstream(t, { body: 'impostor' }, { tls: selfSigned('127.0.0.1') })
    const careful = await gatewayTo(t, [service.url])
    const refusal = await ask(careful.url)
    assert.equal(refusal.status, 502)
    assert.doesNotMatch(refusal.text, internal)
    assert.equal(service.requests.length, 0)
    const careless = await gatewayTo(t, [service.url], { group: { tls: { verify: false } } })
    assert.equal((await ask(careless.url)).text, 'impostor')
  })

  test('an answer of an upstream whose certificate is for another name', async t => {
    const tls = selfSigned('other.example.com')
    const service = await upstream(t, { body: 'impostor' }, { tls })
    const { url } = await gatewayTo(t, [service.url], { group: { tls: { ca: tls.cert } } })
    assert.equal((await askProblem(url)).code, 'EG_UPSTREAM_FAILED')
    assert.equal(service.requests.length, 0)
    const named = await gatewayTo(t, [service.url], { group: { tls: { ca: tls.cert, servername: 'other.example.com' } } })
    assert.equal((await ask(named.url)).text, 'impostor')
  })

  test('one request become more than the configured attempts, or a connection lost to each of them', async t => {
    const service = await upstream(t, { status: 503, body: 'x'.repeat(30_000) })
    const { url } = await gatewayTo(t, [service.url], { group: { retry: { attempts: 3 } } })
    for (let i = 1; i <= 5; i++) {
      const { status, body } = await ask(url)
      assert.deepEqual([status, body.length], [503, 30_000])
      assert.equal(service.requests.length, 3 * i)
    }
    assert.equal(service.connections, 1)
  })

  test('a single attempt become several where retries are turned off', async t => {
    const service = await upstream(t, { status: 503 })
    const { url } = await gatewayTo(t, [service.url], { group: { retry: { attempts: 1 } } })
    assert.equal((await ask(url)).status, 503)
    assert.equal(service.requests.length, 1)
  })

  test('Retry-After taken for milliseconds', async t => {
    const service = await upstream(t, [{ status: 503, headers: { 'retry-after': '30' } }, {}])
    const { url } = await gatewayTo(t, [service.url], { route: { timeout: '10s' } })
    const { status, headers } = await ask(url)
    assert.deepEqual([status, headers['retry-after']], [503, '30'])
    assert.equal(service.requests.length, 1)
  })

  test('a body that is sent again arrive empty or cut', async t => {
    const service = await upstream(t, [{ status: 503 }, 'reset', { status: 201 }])
    const { url } = await gatewayTo(t, [service.url], { group: { retry: { unsafe: true } } })
    const { status } = await ask(url, { method: 'POST', body: 'precious', headers: { 'transfer-encoding': 'chunked' } })
    assert.equal(status, 201)
    assert.deepEqual(
      service.requests.map(({ body }) => body.toString()),
      ['precious', 'precious', 'precious']
    )
  })

  test('a body that is no longer there sent again as nothing', async t => {
    const service = await upstream(t, { status: 503, body: 'busy' })
    const { url } = await gatewayTo(t, [service.url], {
      group: { retry: { unsafe: true } },
      route: { body: { buffer: '1kb' } }
    })
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const before = service.requests.length
      const { status } = await ask(url, { method: 'PUT', body: 'x'.repeat(500_000), headers })
      assert.equal(status, 503)
      assert.equal(service.requests.length, before + 1)
      assert.equal(service.requests[before]?.body.length, 500_000)
    }
  })

  test('a request go on at the upstream after its client has left', async t => {
    const service = await upstream(t, 'hang')
    const gateway = await gatewayTo(t, [service.url])
    for (const [index, init] of [{ method: 'GET' }, { method: 'POST', body: 'complete' }].entries()) {
      const leaving = new AbortController()
      const asking = fetch(gateway.url, { ...init, signal: leaving.signal })
      const request = await service.arrived(index + 1)
      leaving.abort()
      await assert.rejects(asking, { name: 'AbortError' })
      await request.ended
      assert.equal(request.aborted, true)
    }
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.inFlight, target?.failures], [0, 0])
  })

  test('a POST whose body was read completely taken for a client that left', async t => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const service = await upstream(t, [
      async (_request, response) => {
        await released
        response.end('late')
      },
      (_request, response) => {
        response.end()
        release()
      }
    ])
    const { url } = await gatewayTo(t, [service.url])
    const posting = ask(url, { method: 'POST', body: 'complete' })
    await service.arrived(1)
    await ask(url)
    assert.equal((await posting).text, 'late')
    assert.equal(service.requests[0]?.aborted, false)
  })

  test('a body decoded, re-encoded or limited because of its type', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url])
    const bytes = Buffer.from(Array.from({ length: 1 << 21 }, (_, index) => index % 256))
    for (const [body, type] of [
      [bytes, 'text/plain'],
      [bytes, 'application/json'],
      [Buffer.from('{"a":  1}'), 'application/json; charset=latin1; profile=x'],
      [Buffer.from('a=1&b=%ff'), 'application/x-www-form-urlencoded'],
      [Buffer.from('not json'), 'application/json'],
      [bytes, 'multipart/form-data; boundary=x']
    ] as const) {
      const { status } = await ask(url, { method: 'POST', body, headers: { 'content-type': type } })
      assert.equal(status, 200)
      const request = service.requests.at(-1)
      assert.equal(request?.headers['content-type'], type)
      assert.ok(request?.body.equals(body), `${type} arrives as it was sent`)
    }
  })

  test('an internal address, or a 500, when nobody answers at the upstream', async t => {
    const { url } = await gatewayTo(t, [nowhere])
    const { status, headers, text } = await ask(url)
    assert.equal(status, 502)
    assert.doesNotMatch(text + JSON.stringify(headers), internal)
    assert.equal(JSON.parse(text).code, 'EG_UPSTREAM_FAILED')
  })

  test('an error because of what their client says to the next hop', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url])
    for (const [name, value] of [
      ['expect', '100-continue'],
      ['upgrade', 'h2c'],
      ['keep-alive', 'timeout=5'],
      ['proxy-connection', 'keep-alive'],
      ['proxy-authorization', 'Basic c2VjcmV0'],
      ['te', 'gzip'],
      ['http2-settings', 'AAMAAABk']
    ] as const) {
      const { status } = await ask(url, { method: 'POST', body: 'x', headers: { [name]: value } })
      assert.equal(status, 200, name)
      assert.equal(service.requests.at(-1)?.headers[name], undefined)
    }
    await ask(url, { headers: { connection: 'close, x-hop', 'x-hop': '1', 'x-end': '1' } })
    const { headers } = service.requests.at(-1) ?? {}
    assert.deepEqual([headers?.['x-hop'], headers?.['x-end']], [undefined, '1'])
  })

  test('what an upstream says to the gateway alone, or their connection closed by it', async t => {
    const hop = { connection: 'close, x-secret', 'keep-alive': 'timeout=99', 'x-secret': '1', 'x-end': '1' }
    const service = await upstream(t, { headers: { ...hop, 'proxy-authenticate': 'Basic' }, body: 'ok' })
    const { url } = await gatewayTo(t, [service.url])
    const agent = new Agent({ keepAlive: true })
    t.after(async () => agent.destroy())
    const { headers } = await ask(url, { agent })
    assert.equal(headers.connection, 'keep-alive')
    assert.equal(headers['keep-alive'], 'timeout=72')
    assert.deepEqual([headers['x-secret'], headers['proxy-authenticate'], headers['x-end']], [undefined, undefined, '1'])
  })

  test('a connection spent on each HEAD', async t => {
    const service = await upstream(t, { headers: { 'content-length': '5' } })
    const { url } = await gatewayTo(t, [service.url])
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.after(async () => agent.destroy())
    for (let i = 0; i < 3; i++) {
      const { status, headers, text } = await ask(url, { method: 'HEAD', agent })
      assert.deepEqual([status, headers['content-length'], headers.connection, text], [200, '5', 'keep-alive', ''])
    }
    assert.equal(service.connections, 1)
  })

  test('early hints and trailers lost', async t => {
    const service = await upstream(t, (_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('body')
      response.addTrailers({ 'x-sum': 'abc' })
      response.end()
    })
    const { url } = await gatewayTo(t, [service.url])
    const { informational, trailers, text } = await ask(url)
    assert.deepEqual(
      informational.map(({ status, headers }) => [status, headers.link]),
      [[103, '</a.css>; rel=preload']]
    )
    assert.deepEqual([text, { ...trailers }], ['body', { 'x-sum': 'abc' }])
  })

  test('an attempt outlive its time because timers are coarse', async t => {
    const clock = fakeClock()
    const service = await upstream(t, 'hang')
    const { url } = await gatewayTo(t, [service.url], {
      group: { timeouts: { response: '1h' }, retry: { attempts: 1 } },
      route: { timeout: '2h' },
      options: { clock }
    })
    const asking = askProblem(url)
    await service.arrived(1)
    clock.advance(3_600_000)
    assert.equal((await asking).code, 'EG_TIMEOUT')
  })

  test('connections multiplied by routes and groups, or left behind by a gateway that closed', async t => {
    const service = await upstream(t, { body: 'ok' })
    const { url, close } = await build(t, {
      upstreams: { one: { targets: [service.url] }, two: { targets: [service.url] } },
      routes: [
        { prefix: '/a', upstream: 'one' },
        { prefix: '/b', upstream: 'one' },
        { prefix: '/c', upstream: 'two' }
      ]
    })
    for (const path of ['/a', '/b', '/c', '/a']) assert.equal((await ask(url + path)).text, 'ok')
    assert.equal(service.connections, 1)
    await close()
    await service.disconnected()
  })
})
