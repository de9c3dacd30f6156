import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExpiringCache } from '../../../src/credentials/expiring-cache.ts'
import { below, seeded } from '../fixtures/seed.ts'

test('gives what was set until its time, and no longer', () => {
  const cache = new ExpiringCache<string>(10)
  cache.set('a', 'x', 100, 0)
  assert.deepEqual([cache.get('a', 0), cache.get('a', 99), cache.get('a', 100), cache.size], ['x', 'x', undefined, 0])
})

test('keeps nothing whose time is over, and forgets what was there before', () => {
  const cache = new ExpiringCache<string>(10)
  cache.set('a', 'x', 100, 0)
  cache.set('a', 'y', 50, 50)
  assert.deepEqual([cache.get('a', 50), cache.size], [undefined, 0])
})

test('forgets what was asked for longest ago when it is full, as a simple model does', t => {
  const random = seeded(t, 20_261_120)
  const most = 8
  const cache = new ExpiringCache<number>(most)
  // Latest last.
  let model: { key: string; value: number; until: number }[] = []
  for (let now = 0; now < 20_000; now++) {
    const key = `k${below(random, 16)}`
    const known = model.find(entry => entry.key === key)
    model = model.filter(entry => entry !== known)
    if (random() < 0.5) {
      const until = now + below(random, 40)
      cache.set(key, now, until, now)
      if (until > now) model = [...(model.length === most ? model.slice(1) : model), { key, value: now, until }]
    } else {
      const isLive = known !== undefined && known.until > now
      assert.equal(cache.get(key, now), isLive ? known.value : undefined)
      if (isLive) model.push(known)
    }
    assert.equal(cache.size, model.length)
  }
})
