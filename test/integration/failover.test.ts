import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Behaviour, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'
import { wireServer } from '../support/wire.ts'

const elsewhere = 'http://127.0.0.1:2'

/** What a first target may do to an attempt, and how long it has for it. */
const faults: Readonly<Record<string, Behaviour>> = {
  'a 503': { status: 503, body: 'busy' },
  'a connection reset before the headers': 'reset',
  'a short answer that breaks half way': { body: 'x'.repeat(1000), cutAfter: 500 },
  'no answer in time': 'hang'
}
const group = { timeouts: { response: '150ms' as const } }

describe('when a target fails', () => {
  test('two that refuse connections cost a request nothing but the detour', async t => {
    const good = await upstream(t, { body: 'hello' })
    const { url } = await gatewayTo(t, [nowhere, elsewhere, good.url])
    assert.equal((await ask(url)).text, 'hello')
    assert.equal((await ask(url, { method: 'POST', body: 'order' })).text, 'hello')
    assert.deepEqual(
      good.executed.map(({ body }) => body.toString()),
      ['', 'order']
    )
  })

  for (const [what, fault] of Object.entries(faults)) {
    test(`a GET goes to the next after ${what}`, async t => {
      const bad = await upstream(t, fault)
      const good = await upstream(t, { body: 'hello' })
      const { url } = await gatewayTo(t, [bad.url, good.url], { group })
      const { status, text } = await ask(url)
      assert.deepEqual([status, text], [200, 'hello'])
      assert.deepEqual([bad.requests.length, good.requests.length], [1, 1])
    })

    test(`a POST is done once and not sent again after ${what}`, async t => {
      const bad = await upstream(t, fault)
      const good = await upstream(t, { body: 'hello' })
      const { url } = await gatewayTo(t, [bad.url, good.url], { group })
      const { status, text } = await ask(url, { method: 'POST', body: 'order' })
      const code = text.startsWith('{') ? JSON.parse(text).code : text
      const expected = fault === 'hang' ? [504, 'EG_TIMEOUT'] : [502, 'EG_UPSTREAM_FAILED']
      assert.deepEqual([status, code], what === 'a 503' ? [503, 'busy'] : expected)
      assert.deepEqual([bad.executed.length, good.executed.length], [1, 0])
    })

    test(`a POST is sent again after ${what} where the operator allows it`, async t => {
      const bad = await upstream(t, fault)
      const good = await upstream(t, { body: 'hello' })
      const { url } = await gatewayTo(t, [bad.url, good.url], { group, route: { retry: { unsafe: true } } })
      assert.equal((await ask(url, { method: 'POST', body: 'order' })).text, 'hello')
      assert.deepEqual([bad.executed.length, good.executed.length], [1, 1])
    })
  }

  test('the same target is asked again where there is no other', async t => {
    const only = await upstream(t, ['reset', { status: 503 }, { body: 'hello' }])
    const { url } = await gatewayTo(t, [only.url])
    assert.equal((await ask(url)).text, 'hello')
    assert.equal(only.requests.length, 3)
  })

  test('a POST is sent again only with an idempotency key where that is the rule', async t => {
    const service = await upstream(t, [{ status: 503 }, { status: 503 }, { status: 201 }])
    const { url } = await gatewayTo(t, [service.url], { group: { retry: { unsafe: 'idempotency-key' } } })
    assert.equal((await ask(url, { method: 'POST', body: 'order' })).status, 503)
    assert.equal(service.executed.length, 1)
    const keyed = await ask(url, { method: 'POST', body: 'order', headers: { 'idempotency-key': '"8e03"' } })
    assert.deepEqual([keyed.status, service.executed.length], [201, 3])
    assert.equal(service.executed.at(-1)?.headers['idempotency-key'], '"8e03"')
  })

  test('a status that is not listed is passed on at once', async t => {
    const service = await upstream(t, { status: 500, body: 'broken' })
    const { url } = await gatewayTo(t, [service.url])
    const { status, text } = await ask(url)
    assert.deepEqual([status, text, service.requests.length], [500, 'broken', 1])
  })

  test("the upstream's own 503 comes through where no attempt does better", async t => {
    const busy = await upstream(t, { status: 503, headers: { 'x-shop': 'closed', 'content-type': 'text/html' }, body: '<b>' })
    const { url } = await gatewayTo(t, [busy.url, nowhere])
    const { status, text, headers } = await ask(url)
    assert.deepEqual([status, text, headers['x-shop'], headers['content-type']], [503, '<b>', 'closed', 'text/html'])
  })

  test('a body above the buffer goes on whole to the next when the first refuses the connection', async t => {
    const good = await upstream(t, { status: 201 })
    const { url } = await gatewayTo(t, [nowhere, good.url], { route: { body: { buffer: '1kb' } } })
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      assert.equal((await ask(url, { method: 'POST', body, headers })).status, 201)
      const request = good.executed.at(-1)
      assert.ok(request?.body.equals(body))
      assert.equal(request?.headers['content-length'], 'transfer-encoding' in headers ? undefined : '300000')
    }
    assert.equal(good.requests.length, 2)
  })

  test('a body above the buffer that came in one piece is sent again as it was', async t => {
    const service = await upstream(t, [{ status: 503 }, { status: 201 }])
    const { url } = await gatewayTo(t, [service.url], { route: { body: { buffer: '1kb' } } })
    const headers = { 'transfer-encoding': 'chunked' }
    assert.equal((await ask(url, { method: 'PUT', body: 'x'.repeat(5000), headers })).status, 201)
    assert.deepEqual(
      service.executed.map(({ body }) => body.length),
      [5000, 5000]
    )
  })

  test('a chunked body that fits the buffer is sent with its length', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url])
    await ask(url, { method: 'POST', body: 'hello', headers: { 'transfer-encoding': 'chunked' } })
    const [request] = service.executed
    assert.deepEqual([request?.body.toString(), request?.headers['content-length']], ['hello', '5'])
    assert.equal(request?.headers['transfer-encoding'], undefined)
  })

  test('a connection that breaks in the middle of a streamed body is 502, and nothing is sent again', async t => {
    const bad = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\nx/)
      wire.socket.resetAndDestroy()
    })
    const good = await upstream(t)
    const { url } = await gatewayTo(t, [bad.url, good.url], {
      group: { retry: { unsafe: true } },
      route: { body: { buffer: '1kb' } }
    })
    const problem = await askProblem(url, { method: 'PUT', body: 'x'.repeat(100_000) })
    assert.equal(problem.code, 'EG_UPSTREAM_FAILED')
    assert.deepEqual([bad.wires.length, good.requests.length], [1, 0])
  })

  test('a kept connection that the upstream closes as a GET goes out costs the client nothing', async t => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
    const racy = await wireServer(t, async (wire, connection) => {
      await wire.until(/\r\n\r\n/)
      wire.send(answer)
      await wire.until(/\r\n\r\n.*\r\n\r\n/s)
      if (connection === 1) wire.socket.destroy()
      else wire.send(answer)
    })
    const { url } = await gatewayTo(t, [racy.url])
    assert.equal((await ask(url)).text, 'ok')
    assert.equal((await ask(url)).text, 'ok')
    assert.equal(racy.wires.length, 2)
  })

  test('retries stay within their budget when everything fails', async t => {
    const service = await upstream(t, { status: 503 })
    const gateway = await gatewayTo(t, [service.url], { group: { retry: { budget: 0.1, attempts: 3 } } })
    const requests = 100
    for (let i = 0; i < requests; i++) assert.equal((await ask(gateway.url)).status, 503)
    const retries = service.requests.length - requests
    assert.ok(retries >= 30 && retries <= 30 + requests * 0.1, `${retries} retries`)
    assert.equal(await metricOf(gateway, 'evergate_retries_total{upstream="service",reason="503"}'), retries)
  })

  test('attempts that never reached a target are outside the budget', async t => {
    const good = await upstream(t, { body: 'hello' })
    const { url } = await gatewayTo(t, [nowhere, good.url], { group: { retry: { budget: 0 } } })
    for (let i = 0; i < 40; i++) assert.equal((await ask(url)).text, 'hello')
  })
})
