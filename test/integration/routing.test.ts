import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, fakeClock, seededRandom, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'

describe('tiers', () => {
  test('a backup serves only when every target before it is out, and not a request longer', async t => {
    const clock = fakeClock()
    const first = await upstream(t, [...Array(5).fill({ status: 503 }), { body: 'first' }])
    const backup = await upstream(t, { body: 'backup' })
    const { url } = await gatewayTo(t, [first.url, { url: backup.url, tier: 1 }], {
      options: { clock },
      group: { breaker: { minimum: 5, open: '5s', probes: 1 }, retry: { attempts: 1 } }
    })
    for (let i = 0; i < 5; i++) assert.equal((await ask(url)).status, 503)
    assert.equal((await ask(url)).text, 'backup')
    // Once for the probe, and again until it has its whole share back.
    for (let i = 0; i < 3; i++) {
      clock.advance(60_000)
      assert.equal((await ask(url)).text, 'first')
    }
    assert.equal(backup.requests.length, 1)
  })

  test('an attempt that fails goes to the rest of its tier before the next', async t => {
    const peer = await upstream(t, { body: 'peer' })
    const backup = await upstream(t, { body: 'backup' })
    const targets = [nowhere, peer.url].map(url => ({ url, tier: 0 }))
    const { url } = await gatewayTo(t, [{ url: backup.url, tier: 1 }, ...targets])
    assert.equal((await ask(url)).text, 'peer')
    await peer.close()
    assert.equal((await ask(url)).text, 'backup')
  })
})

describe('a split', () => {
  const split = { stable: 95, canary: 5 }

  async function gatewayWith(t: Parameters<typeof build>[0], route: object) {
    const stable = await upstream(t, { body: 'stable' })
    const canary = await upstream(t, { body: 'canary' })
    const { url } = await build(
      t,
      {
        upstreams: { stable: { targets: [stable.url] }, canary: { targets: [canary.url] } },
        routes: [{ prefix: '/', ...route }]
      },
      { random: seededRandom(7) }
    )
    return { url, canary }
  }

  test('is drawn for each request by its weights', async t => {
    const { url, canary } = await gatewayWith(t, { split })
    for (let i = 0; i < 400; i++) await ask(url)
    // 20 are expected of 400; the draws are the same in every run.
    assert.ok(canary.requests.length >= 10 && canary.requests.length <= 32, `${canary.requests.length} of 400`)
  })

  for (const [by, headersOf] of [
    ['cookie:visitor', (who: string) => ({ cookie: `a=b; visitor=${who}` })],
    ['header:x-user', (who: string) => ({ 'x-user': who })]
  ] as const) {
    test(`keeps whoever has the same ${by} at the same group`, async t => {
      const { url } = await gatewayWith(t, { split: { to: { stable: 1, canary: 1 }, by } })
      const seen = new Map<string, Set<string>>()
      for (let i = 0; i < 120; i++) {
        const who = `user-${i % 20}`
        const { text } = await ask(url, { headers: headersOf(who) })
        seen.set(who, (seen.get(who) ?? new Set()).add(text))
      }
      assert.ok([...seen.values()].every(groups => groups.size === 1))
      assert.deepEqual(new Set([...seen.values()].flatMap(groups => [...groups])), new Set(['stable', 'canary']))
    })
  }
})
