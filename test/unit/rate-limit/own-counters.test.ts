import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RateLimit } from '../../../src/model/rate-limit.ts'
import { decideHere } from '../../../src/rate-limit/local-store.ts'
import { OwnCounters } from '../../../src/rate-limit/own-counters.ts'
import { UsageTable } from '../../../src/rate-limit/usage-table.ts'
import { fakeClock } from '../../../src/testing/fake-clock.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'

const rule: RateLimit = {
  name: 'consumer',
  limit: 3,
  windowMs: 1000,
  algorithm: 'sliding',
  by: 'consumer',
  legacyHeaders: false
}

function counters(more: Partial<RateLimit> = {}) {
  const limit = { ...rule, ...more }
  const clock = fakeClock(0)
  const open = (each: RateLimit) => ({ id: `id-${each.windowMs}:`, table: new UsageTable(each, 100, 'secret') })
  const own = new OwnCounters(limit, open(limit), open, clock)
  /** Whether a request passes, of a consumer with this limit, or of one with none. */
  const passes = (key: string, count: number, windowMs: number, gateways = 1) =>
    decideHere([{ counter: own.counterOf({ limit: count, windowMs }), key }], () => gateways, clock()).allowed
  return { own, clock, passes }
}

describe('consumers with limits of their own', () => {
  for (const algorithm of ['sliding', 'fixed', 'token'] as const)
    test(`each have exactly what is theirs, side by side, as a model counts it: ${algorithm}`, t => {
      const random = seeded(t, 3)
      const { clock, passes } = counters({ algorithm })
      const limits = [
        [1, 1000],
        [5, 1000],
        [5, 100],
        [2, 7000],
        [40, 500]
      ] as const
      const model = limits.map(([limit, windowMs], index) => ({
        limit,
        windowMs,
        apart: counters({ algorithm }),
        key: `k${index}`
      }))
      for (let step = 0; step < 5000; step++) {
        const ms = oneOf(random, [0, 0, 1, 10, below(random, 300)])
        clock.advance(ms)
        for (const { apart } of model) apart.clock.advance(ms)
        const each = model[below(random, model.length)]
        if (each === undefined) continue
        const { limit, windowMs, apart, key } = each
        assert.equal(passes(key, limit, windowMs), apart.passes(key, limit, windowMs))
      }
    })

  test('of one name and window count together, each up to its own number; those of other windows do not', () => {
    const { passes } = counters()
    assert.deepEqual([passes('a', 2, 1000), passes('a', 2, 1000), passes('a', 2, 1000)], [true, true, false])
    assert.deepEqual([passes('a', 3, 1000), passes('a', 3, 1000)], [true, false])
    assert.deepEqual([passes('a', 1, 999), passes('a', 1, 999)], [true, false])
  })

  test('have their share of it at each of several gateways, one at least', () => {
    const { passes } = counters()
    const passed = (key: string, count: number) =>
      Array.from({ length: 20 }, () => passes(key, count, 60_000, 3)).filter(each => each).length
    assert.deepEqual([passed('a', 10), passed('b', 2), passed('c', 30)], [3, 1, 10])
  })

  test('are named at a shared store by their window and not by their number, and say their own limit', () => {
    const { own } = counters()
    const [one, other, usual] = [
      own.counterOf({ limit: 5, windowMs: 50 }),
      own.counterOf({ limit: 6, windowMs: 50 }),
      own.counterOf({ limit: 5, windowMs: 1000 })
    ]
    assert.deepEqual([one.id, other.id, usual.id], ['id-50:', 'id-50:', 'id-1000:'])
    assert.deepEqual(other.limit, { ...rule, limit: 6, windowMs: 50 })
    assert.equal(own.counterOf({ limit: 5, windowMs: 50 }), one)
  })
})

describe('limits that change again and again', () => {
  test('leave no windows behind that nothing counts in any more', () => {
    const { own, clock, passes } = counters()
    for (let round = 0; round < 10_000; round++) {
      passes('a', 1, 1000 + (round % 5000) + 1)
      clock.advance(100)
      assert.ok(own.size < 200, `${own.size} windows in round ${round}`)
    }
  })

  test('forget nobody whose window is not over', () => {
    const { clock, passes } = counters()
    assert.deepEqual([passes('a', 1, 3_600_000), passes('a', 1, 3_600_000)], [true, false])
    for (let round = 0; round < 3000; round++) {
      passes('b', 1, 1 + (round % 500))
      clock.advance(1000)
    }
    assert.ok(!passes('a', 1, 3_600_000))
    clock.advance(600_000)
    assert.ok(passes('a', 1, 3_600_000))
  })

  test('may have any number of numbers', () => {
    const { own, passes } = counters()
    for (let limit = 1; limit <= 5000; limit++) assert.ok(passes('a', limit, 60_000))
    assert.ok(!passes('a', 5000, 60_000) && own.size === 1)
  })
})
