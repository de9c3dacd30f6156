import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ConfigInput, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { ask, askProblem } from '../support/ask.ts'
import { selfSigned } from '../support/certificate.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'
import { askSecurely } from '../support/secure.ts'
import { until } from '../support/until.ts'

type Fault = NonNullable<NonNullable<ConfigInput['routes']>[number]['fault']>
const injected = (fault: string) => `evergate_faults_injected_total{route="/",fault="${fault}"}`

describe('a fault', () => {
  test('answers with the status that is asked for, and nothing is forwarded', async t => {
    const service = await upstream(t)
    const { logger, line } = accessLog()
    const gateway = await gatewayTo(t, [service.url], { route: { fault: { abort: 418 } }, options: { logger } })
    const { requestId, ...problem } = await askProblem(gateway.url, { method: 'POST', body: 'hello' })
    assert.deepEqual(problem, {
      type: 'urn:evergate:error:EG_FAULT_INJECTED',
      title: 'A fault that was put in on purpose',
      status: 418,
      code: 'EG_FAULT_INJECTED'
    })
    assert.equal(service.requests.length, 0)
    assert.equal(await metricOf(gateway, injected('abort')), 1)
    const { id, status, error } = await line(1)
    assert.deepEqual([id, status, error], [requestId, 418, 'EG_FAULT_INJECTED'])
  })

  test('drops the connection without an answer', async t => {
    const service = await upstream(t)
    const { logger, line } = accessLog()
    const gateway = await gatewayTo(t, [service.url], { route: { fault: { abort: 'reset' } }, options: { logger } })
    await assert.rejects(ask(gateway.url), { code: 'ECONNRESET' })
    assert.equal(service.requests.length, 0)
    assert.equal(await metricOf(gateway, injected('reset')), 1)
    assert.equal((await line(1)).error, 'EG_FAULT_INJECTED')
  })

  test('drops a connection over TLS as well, and nothing else', async t => {
    const service = await upstream(t)
    for (const delay of [undefined, '5ms'] as const) {
      const { logger, line } = accessLog()
      const gateway = await gatewayTo(t, [service.url], {
        listen: { address: '127.0.0.1:0', tls: selfSigned('gateway.example') },
        route: { fault: { ...(delay && { delay }), abort: 'reset' } },
        options: { logger }
      })
      for (const count of [1, 2]) {
        await assert.rejects(askSecurely(gateway.url), { code: 'ECONNRESET' })
        assert.equal((await line(count)).error, 'EG_FAULT_INJECTED')
      }
    }
    assert.equal(service.requests.length, 0)
  })

  test('delays a request, which then goes its way', async t => {
    const service = await upstream(t, { body: 'late' })
    const gateway = await gatewayTo(t, [service.url], { route: { fault: { delay: '50ms' } } })
    const askedAt = performance.now()
    assert.equal((await ask(gateway.url, { method: 'POST', body: 'hello' })).text, 'late')
    // No load makes it sooner; timers of Node may be early by one.
    assert.ok(performance.now() - askedAt >= 49)
    assert.equal(service.requests[0]?.body.toString(), 'hello')
    assert.equal(await metricOf(gateway, injected('delay')), 1)
  })

  test('delays within a range, and then aborts', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { fault: { delay: ['1ms', '20ms'], abort: 503 } } })
    assert.equal((await askProblem(gateway.url)).status, 503)
    assert.deepEqual([await metricOf(gateway, injected('delay')), await metricOf(gateway, injected('abort'))], [1, 1])
  })

  test('counts against the time of the route', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { timeout: '60ms', fault: { delay: '1h' } } })
    assert.equal((await askProblem(gateway.url)).code, 'EG_TIMEOUT')
    const left = await gatewayTo(t, [service.url], { route: { timeout: '30s', fault: { delay: '100ms' } } })
    await ask(left.url)
    assert.equal(service.requests.length, 1)
    const told = Number(service.requests[0]?.headers['x-request-timeout-ms'])
    assert.ok(told <= 29_900, `${told} ms are left`)
  })

  test('is forgotten with a client that leaves', async t => {
    const service = await upstream(t)
    const { logger, line } = accessLog()
    const gateway = await gatewayTo(t, [service.url], { route: { fault: { delay: '200ms' } }, options: { logger } })
    const leaving = new AbortController()
    const asked = fetch(gateway.url, { signal: leaving.signal })
    await until(async () => (await metricOf(gateway, injected('delay'))) === 1)
    leaving.abort()
    await assert.rejects(asked)
    assert.equal((await line(1)).status, 499)
    // Who comes later waits as long: by then the first would have been forwarded.
    await ask(gateway.url)
    assert.equal(service.requests.length, 1)
  })

  const meant: readonly [string, Fault, Parameters<typeof ask>[1] & object, string, boolean][] = [
    ['a header asks for', { when: { headers: { 'X-Fault': 'yes' } } }, { headers: { 'x-fault': 'yes' } }, '/', true],
    ['a header asks for otherwise', { when: { headers: { 'x-fault': 'yes' } } }, { headers: { 'x-fault': 'no' } }, '/', false],
    ['nothing asks for', { when: { headers: { 'x-fault': 'yes' } } }, {}, '/', false],
    ['the query asks for', { when: { query: { fault: '1' } } }, {}, '/?fault=1', true],
    ['the query asks for otherwise', { when: { query: { fault: '1' } } }, {}, '/?fault=2', false],
    [
      'only one of two asks for',
      { when: { headers: { 'x-fault': 'yes' }, query: { fault: '1' } } },
      { headers: { 'x-fault': 'yes' } },
      '/',
      false
    ]
  ]
  for (const [who, fault, question, path, gets] of meant) {
    test(`that ${who} is ${gets ? 'there' : 'not there'}`, async t => {
      const service = await upstream(t)
      const { url } = await gatewayTo(t, [service.url], { route: { fault: { abort: 500, ...fault } } })
      assert.equal((await ask(url + path, question)).status, gets ? 500 : 200)
    })
  }

  test('is drawn by its share', async t => {
    const service = await upstream(t)
    const drawn = async (share: number) => {
      const options = { random: () => 0.5 }
      const { url } = await gatewayTo(t, [service.url], { route: { fault: { abort: 500, share } }, options })
      return (await ask(url)).status
    }
    assert.deepEqual([await drawn(0), await drawn(0.5), await drawn(0.51), await drawn(1)], [200, 200, 500, 500])
  })

  test('gets nobody who may not use the route', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { route: { deny: ['127.0.0.0/8'], fault: { abort: 500 } } })
    assert.equal((await askProblem(url)).code, 'EG_FORBIDDEN')
  })

  test('does not stop the gateway from closing', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { timeout: '1h', fault: { delay: '1h' } } })
    const asked = ask(gateway.url)
    await until(async () => (await metricOf(gateway, injected('delay'))) === 1)
    const rejected = assert.rejects(asked)
    await gateway.close()
    await rejected
  })
})
