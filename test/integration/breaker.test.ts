import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeClock, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'

const stateOf = 'evergate_breaker_state{upstream="service",target="first"}'
const eligibleOf = 'evergate_target_eligible{upstream="service",target="first"}'
const failing = { status: 503, body: 'broken' }
const breaker = { minimum: 5, failureShare: 0.5, window: '10s', open: '5s', probes: 2 } as const

describe('a breaker', () => {
  test('opens after failures, spares the target without a client noticing, and closes after probes that succeed', async t => {
    const clock = fakeClock()
    const first = await upstream(t, [...Array(5).fill(failing), { body: 'well' }])
    const second = await upstream(t, { body: 'second' })
    const gateway = await gatewayTo(t, [{ url: first.url, id: 'first' }, second.url], {
      // Without chance there is no pause before a retry.
      options: { clock, random: () => 0 },
      group: { breaker }
    })
    for (let i = 0; i < 5; i++) {
      assert.equal((await targetsOf(gateway))[0]?.breaker, 'closed')
      assert.equal((await ask(gateway.url)).text, 'second')
    }
    const [open] = await targetsOf(gateway)
    assert.deepEqual([open?.breaker, open?.eligible, open?.why], ['open', false, 'breaker open'])
    assert.deepEqual([await metricOf(gateway, stateOf), await metricOf(gateway, eligibleOf)], [2, 0])
    assert.equal((await ask(gateway.url)).text, 'second')
    assert.equal(first.requests.length, 5)

    // The length is varied by a tenth either way, so that gateways do not probe together.
    clock.advance(6000)
    assert.equal((await targetsOf(gateway))[0]?.breaker, 'half-open')
    assert.equal(await metricOf(gateway, stateOf), 1)
    for (const state of ['half-open', 'closed']) {
      assert.equal((await ask(gateway.url)).text, 'well')
      assert.equal((await targetsOf(gateway))[0]?.breaker, state)
    }
    assert.deepEqual([await metricOf(gateway, stateOf), await metricOf(gateway, eligibleOf)], [0, 1])
  })

  test('that leaves nobody is answered with 503 and when to come back, until a probe succeeds', async t => {
    const clock = fakeClock()
    const only = await upstream(t, [...Array(6).fill(failing), { body: 'well' }])
    const gateway = await gatewayTo(t, [only.url], {
      options: { clock },
      group: { breaker, retry: { attempts: 1 } }
    })
    // The sixth is a probe: where nobody is left one is made at once.
    for (let i = 0; i < 6; i++) assert.equal((await ask(gateway.url)).text, 'broken')
    const { status, headers, text } = await ask(gateway.url)
    assert.deepEqual([status, JSON.parse(text).code], [503, 'EG_NO_TARGET'])
    assert.match(String(headers['retry-after']), /^[1-9]\d*$/)
    assert.equal(only.requests.length, 6)
    clock.advance(250)
    assert.equal((await ask(gateway.url)).text, 'well')
    assert.equal((await ask(gateway.url)).text, 'well')
    assert.equal((await targetsOf(gateway))[0]?.breaker, 'closed')
  })

  test('that is half open lets no more through than its probes, and opens again when one fails', async t => {
    const clock = fakeClock()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const only = await upstream(t, [
      ...Array(5).fill(failing),
      async (_request, response) => {
        await released
        response.writeHead(503).end()
      },
      {}
    ])
    const gateway = await gatewayTo(t, [only.url], {
      options: { clock },
      group: { breaker: { ...breaker, probes: 1 }, retry: { attempts: 1 } }
    })
    for (let i = 0; i < 5; i++) await ask(gateway.url)
    const probe = ask(gateway.url)
    await only.arrived(6)
    assert.equal((await askProblem(gateway.url)).code, 'EG_NO_TARGET')
    release()
    assert.equal((await probe).status, 503)
    assert.equal((await targetsOf(gateway))[0]?.breaker, 'open')
    assert.equal(only.requests.length, 6)
  })

  test('takes a client error, and what the target will never do, for health', async t => {
    for (const status of [400, 404, 429, 499, 501, 505]) {
      const service = await upstream(t, { status })
      const gateway = await gatewayTo(t, [service.url], { group: { breaker } })
      for (let i = 0; i < 6; i++) assert.equal((await ask(gateway.url)).status, status)
      assert.equal((await targetsOf(gateway))[0]?.breaker, 'closed')
    }
  })
})

describe('an ejection', () => {
  test('follows five failures in a row, and leaves the others alone', async t => {
    const good = await upstream(t, { body: 'good' })
    const gateway = await gatewayTo(t, [nowhere, good.url], { group: { outliers: {} } })
    for (let i = 0; i < 8; i++) assert.equal((await ask(gateway.url)).text, 'good')
    const [bad, other] = await targetsOf(gateway)
    assert.deepEqual([bad?.eligible, bad?.why, bad?.requests], [false, 'ejected after 5 failures in a row', 5])
    assert.deepEqual([other?.eligible, other?.requests], [true, 8])
  })

  test('never takes the last target', async t => {
    const gateway = await gatewayTo(t, [nowhere], { group: { outliers: {} } })
    for (let i = 0; i < 8; i++) assert.equal((await askProblem(gateway.url)).code, 'EG_UPSTREAM_FAILED')
    assert.equal((await targetsOf(gateway))[0]?.eligible, true)
  })
})
