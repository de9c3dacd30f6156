import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Admission } from '../../src/limit/admission.ts'
import { fakeClock, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { until } from '../support/until.ts'

const trusting = { trustProxy: ['127.0.0.1'] }

describe('the time that a client leaves', () => {
  test('bounds the route’s where the client is trusted, and goes on shrunk to each attempt', async t => {
    const clock = fakeClock()
    const busy = await upstream(t, (_request, response) => {
      clock.advance(1000)
      response.writeHead(503).end()
    })
    const good = await upstream(t)
    // Without chance there is no pause before a retry.
    const { url } = await gatewayTo(t, [busy.url, good.url], { ...trusting, options: { clock, random: () => 0 } })
    assert.equal((await ask(url, { headers: { 'x-request-timeout-ms': '5000' } })).status, 200)
    assert.deepEqual(
      [busy, good].map(({ requests }) => requests[0]?.headers['x-request-timeout-ms']),
      ['5000', '4000']
    )
  })

  test('ends the request when it is over', async t => {
    const clock = fakeClock()
    const silent = await upstream(t, 'hang')
    const { url } = await gatewayTo(t, [silent.url], { ...trusting, options: { clock } })
    const asking = askProblem(url, { headers: { 'x-request-timeout-ms': '700' } })
    const request = await silent.arrived(1)
    clock.advance(700)
    const { code, status } = await asking
    assert.deepEqual([code, status], ['EG_TIMEOUT', 504])
    await request.ended
    assert.equal(request.aborted, true)
  })

  test('never lengthens the route’s', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { ...trusting, options: { clock: fakeClock() }, route: { timeout: '2s' } })
    await ask(url, { headers: { 'x-request-timeout-ms': '60000' } })
    assert.equal(service.requests[0]?.headers['x-request-timeout-ms'], '2000')
  })

  test('is nothing that a stranger can say, nor anything that is no number', async t => {
    const service = await upstream(t)
    const options = { clock: fakeClock() }
    const strange = await gatewayTo(t, [service.url], { options })
    await ask(strange.url, { headers: { 'x-request-timeout-ms': '5' } })
    const trusted = await gatewayTo(t, [service.url], { ...trusting, options })
    for (const value of ['soon', '-1', '1e3', '', '5, 5'])
      assert.equal((await ask(trusted.url, { headers: { 'x-request-timeout-ms': value } })).status, 200, value)
    assert.deepEqual(
      service.requests.map(({ headers }) => headers['x-request-timeout-ms']),
      Array.from({ length: 6 }, () => '15000')
    )
  })
})

describe('the time that a request waits for its turn', () => {
  for (const [what, question] of Object.entries({
    'one without a body': {},
    'one with a body': { method: 'POST', body: 'order' }
  })) {
    test(`is a part of the route’s: ${what}`, async t => {
      const clock = fakeClock()
      const { promise: opened, resolve: open } = Promise.withResolvers<void>()
      const service = await upstream(t, async (_request, response) => {
        await opened
        response.end()
      })
      const { url, gateway } = await gatewayTo(t, [service.url], {
        options: { clock },
        group: { limits: { concurrency: 1, queueTime: '60s' } },
        route: { timeout: '5s' }
      })
      const admission = gateway.registry.groups[0]?.group.admission
      assert.ok(admission instanceof Admission)
      const first = ask(url)
      await service.arrived(1)
      const second = ask(url, question)
      await until(() => admission.waiting === 1)
      clock.advance(2000)
      open()
      assert.deepEqual([(await first).status, (await second).status], [200, 200])
      assert.deepEqual(
        service.requests.map(({ headers }) => headers['x-request-timeout-ms']),
        ['5000', '3000']
      )
    })
  }

  test('may be all of it: then no target is asked, and none is blamed', async t => {
    const clock = fakeClock()
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    const service = await upstream(t, async (_request, response) => {
      await opened
      response.end()
    })
    const running = await gatewayTo(t, [service.url], {
      options: { clock },
      group: { limits: { concurrency: 1, queueTime: '60s' }, timeouts: { response: '60s' } },
      route: { timeout: '5s' }
    })
    const first = ask(running.url)
    await service.arrived(1)
    const second = askProblem(running.url)
    const admission = running.gateway.registry.groups[0]?.group.admission
    assert.ok(admission instanceof Admission)
    await until(() => admission.waiting === 1)
    clock.advance(5000)
    open()
    const { code, status } = await second
    assert.deepEqual([code, status], ['EG_TIMEOUT', 504])
    await first
    assert.equal(service.requests.length, 1)
    await until(() => admission.inFlight === 0 && admission.waiting === 0)
  })
})
