import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeClock, seededRandom, type TestGateway, type TestScope, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { type TargetView, targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'

/** Services that answer their name, as targets with that id. */
async function named(t: TestScope, ...names: readonly string[]) {
  const services = await Promise.all(names.map(name => upstream(t, { body: name })))
  return services.map(({ url }, index) => ({ url, id: names[index] ?? '' }))
}

async function act({ adminUrl }: TestGateway, path: string): Promise<{ readonly who: string; readonly when: string }> {
  const response = await fetch(`${adminUrl}/api/upstreams/service/${path}`, { method: 'POST' })
  assert.equal(response.status, 200, await response.clone().text())
  // The form is what the tests of the action assert.
  return (await response.json()) as { who: string; when: string }
}

interface OperatedView extends TargetView {
  readonly maintenance: { readonly action: string; readonly who: string; readonly when: string } | null
}
// The form is the contract of that path.
const shown = async (gateway: TestGateway) => (await targetsOf(gateway)) as OperatedView[]

async function answers(url: string, count: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let i = 0; i < count; i++) {
    const { text } = await ask(url)
    counts[text] = (counts[text] ?? 0) + 1
  }
  return counts
}

describe('a target that is drained', () => {
  test('finishes what it has, gets nothing new, and is back when it is enabled', async t => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    const service = await upstream(t, async (_request, response) => {
      await opened
      response.end('a')
    })
    const [b] = await named(t, 'b')
    assert.ok(b)
    const gateway = await gatewayTo(t, [{ url: service.url, id: 'a' }, b], { group: { slowStart: '0s' } })
    const before = ask(gateway.url)
    await service.arrived(1)
    const { who, when } = await act(gateway, 'targets/a/drain')
    assert.deepEqual(await answers(gateway.url, 5), { b: 5 })
    const [first] = await shown(gateway)
    assert.deepEqual(
      [first?.eligible, first?.inFlight, first?.maintenance],
      [false, 1, { action: 'drain', who: '127.0.0.1', when }]
    )
    assert.equal(who, '127.0.0.1')
    open()
    assert.equal((await before).text, 'a')
    await act(gateway, 'targets/a/enable')
    assert.deepEqual(await answers(gateway.url, 2), { a: 2 })
  })

  test('is not used even where nobody else is left, which is said', async t => {
    const gateway = await gatewayTo(t, await named(t, 'a', 'b'), { group: { failover: { panic: 1 } } })
    for (const id of ['a', 'b']) await act(gateway, `targets/${id}/drain`)
    const { code, status } = await askProblem(gateway.url)
    assert.deepEqual([code, status], ['EG_NO_TARGET', 503])
  })
})

describe('a target that is ejected by hand', () => {
  test('gets nothing until its time is over', async t => {
    const clock = fakeClock()
    const gateway = await gatewayTo(t, await named(t, 'a', 'b', 'c'), {
      options: { clock, random: () => 0.5 },
      group: { outliers: { eject: '10s' }, slowStart: '0s' }
    })
    const { who, when } = await act(gateway, 'targets/a/eject')
    assert.deepEqual(await answers(gateway.url, 3), { b: 3 })
    assert.equal((await shown(gateway))[0]?.why, `ejected by ${who} at ${when}`)
    clock.advance(10_000)
    assert.deepEqual(await answers(gateway.url, 3), { a: 3 })
  })

  for (const action of ['eject', 'drain'])
    test(`gets its traffic back bit by bit, after ${action}`, async t => {
      const clock = fakeClock()
      const gateway = await gatewayTo(t, await named(t, 'a', 'b'), {
        options: { clock, random: seededRandom(7) },
        group: { balance: 'round-robin', outliers: {}, slowStart: '30s' }
      })
      assert.deepEqual(await answers(gateway.url, 20), { a: 10, b: 10 })
      await act(gateway, `targets/a/${action}`)
      assert.deepEqual(await answers(gateway.url, 20), { b: 20 })
      await act(gateway, 'targets/a/enable')
      const cold = (await answers(gateway.url, 200))['a'] ?? 0
      clock.advance(15_000)
      const warm = (await answers(gateway.url, 200))['a'] ?? 0
      clock.advance(15_000)
      const hot = (await answers(gateway.url, 200))['a'] ?? 0
      // A tenth of a half, then half of a half, then all of it.
      assert.ok(cold >= 1 && cold <= 25, `${cold} of 200`)
      assert.ok(warm >= 30 && warm <= 70, `${warm} of 200`)
      assert.equal(hot, 100)
    })
})

describe('a target that failed outright', () => {
  test('is back as soon as a check passes', async t => {
    let well = false
    const service = await upstream(t, ({ url }, response) => {
      if (url === '/health' || well) response.end('a')
      else response.destroy()
    })
    const [b] = await named(t, 'b')
    assert.ok(b)
    const gateway = await gatewayTo(t, [{ url: service.url, id: 'a' }, b], {
      group: {
        health: { interval: '50ms' },
        outliers: { eject: '3600s', maxEject: '3600s' },
        slowStart: '0s',
        retry: { budget: 1 }
      }
    })
    const [running] = gateway.gateway.registry.groups
    const [target] = running?.group.targets ?? []
    assert.ok(running?.ejection && target)
    const { ejection } = running
    const ejected = async () => ejection.ejectedUntil(target) !== undefined
    await until(async () => (await answers(gateway.url, 1)) && ejected())
    well = true
    await until(async () => !(await ejected()))
    assert.deepEqual(await answers(gateway.url, 3), { a: 3 })
  })
})

describe('tiers', () => {
  /** Two of tier 0 and one behind them; what is drawn is what `at` says. */
  async function tiered(t: TestScope, failback: 'gradual' | 'manual') {
    const [a, b, c] = await named(t, 'a', 'b', 'c')
    assert.ok(a && b && c)
    const draw = { at: 0 }
    const gateway = await gatewayTo(t, [a, b, { ...c, tier: 1 }], {
      options: { random: () => draw.at },
      group: { failover: { failback, panic: 0 } }
    })
    return { gateway, draw }
  }

  test('spill over in proportion, take over, and give back bit by bit', async t => {
    const { gateway, draw } = await tiered(t, 'gradual')
    draw.at = 0.99
    assert.deepEqual(await answers(gateway.url, 2), { a: 2 })
    await act(gateway, 'targets/a/drain')
    draw.at = 0.69
    assert.deepEqual(await answers(gateway.url, 2), { b: 2 })
    draw.at = 0.71
    assert.deepEqual(await answers(gateway.url, 2), { c: 2 })
    await act(gateway, 'targets/b/drain')
    draw.at = 0
    assert.deepEqual(await answers(gateway.url, 2), { c: 2 })
    await act(gateway, 'targets/b/enable')
    assert.deepEqual(await answers(gateway.url, 2), { b: 2 })
  })

  test('give back by an operator’s word where that is the choice', async t => {
    const { gateway } = await tiered(t, 'manual')
    for (const id of ['a', 'b']) await act(gateway, `targets/${id}/drain`)
    assert.deepEqual(await answers(gateway.url, 1), { c: 1 })
    for (const id of ['a', 'b']) await act(gateway, `targets/${id}/enable`)
    assert.deepEqual(await answers(gateway.url, 2), { c: 2 })
    await act(gateway, 'failback')
    assert.deepEqual(await answers(gateway.url, 2), { a: 2 })
  })
})

test('in panic who is ejected is used, and who is drained is not', async t => {
  const targets = await named(t, 'a', 'b', 'c')
  const gateway = await gatewayTo(t, targets, { group: { outliers: {}, failover: { panic: 0.9 } } })
  await act(gateway, 'targets/c/drain')
  await act(gateway, 'targets/a/eject')
  assert.deepEqual(await answers(gateway.url, 3), { a: 3 })
  const [a, , c] = await shown(gateway)
  assert.equal(a?.eligible, true)
  assert.match(a?.why ?? '', /^ejected by /)
  assert.equal(c?.eligible, false)
  const calm = await gatewayTo(t, targets, { group: { outliers: {}, failover: { panic: 0.5 } } })
  await act(calm, 'targets/a/eject')
  assert.deepEqual(await answers(calm.url, 3), { b: 3 })
})
