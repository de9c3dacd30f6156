import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RateLimit } from '../../../src/model/rate-limit.ts'
import { LocalCounter } from '../../../src/rate-limit/local-counter.ts'
import { alone, decideHere } from '../../../src/rate-limit/local-store.ts'
import type { Question } from '../../../src/rate-limit/store.ts'
import { UsageTable } from '../../../src/rate-limit/usage-table.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'

const limitOf = (more: Partial<RateLimit> = {}): RateLimit => ({
  name: 'ip',
  limit: 3,
  windowMs: 1000,
  algorithm: 'sliding',
  by: 'ip',
  legacyHeaders: false,
  ...more
})
const tableOf = (more: Partial<RateLimit> = {}, capacity = 100) => new UsageTable(limitOf(more), capacity, 'secret')
const counterOf = (more: Partial<RateLimit> = {}, table = tableOf(more)) => new LocalCounter(limitOf(more), 'id', table)

/** Whether a request of this key passes. */
const passes = (counter: LocalCounter, key: string, now: number) => decideHere([{ counter, key }], alone, now).allowed

describe('a flood of keys', () => {
  const million = 1_000_000

  for (const algorithm of ['sliding', 'fixed', 'token'] as const) {
    test(`takes bounded memory, and makes nobody forgotten: ${algorithm}`, () => {
      const table = tableOf({ algorithm, windowMs: 3_600_000 }, 10_000)
      const counter = counterOf({ algorithm, windowMs: 3_600_000 }, table)
      for (let round = 0; round < 3; round++) assert.ok(passes(counter, 'early', round))
      for (let index = 0; index < million; index++) {
        passes(counter, `key-${index}`, 10)
        if (index % 100_000 === 0) assert.ok(!passes(counter, 'early', 10), `forgotten after ${index} keys`)
      }
      assert.equal(table.size, 10_000)
      assert.ok(!passes(counter, 'early', 20))
    })
  }

  test('that found no place of its own is never let pass above the limit either', t => {
    const random = seeded(t, 1)
    const counter = counterOf({ limit: 5 }, tableOf({}, 50))
    const passed = new Map<string, number[]>()
    let now = 0
    for (let count = 0; count < 200_000; count++) {
      now += oneOf(random, [0, 0, 0, 0, 0.1, random()])
      const key = `key-${below(random, 2000)}`
      if (!passes(counter, key, now)) continue
      const times = passed.get(key) ?? []
      const before = times[times.length - 5]
      assert.ok(before === undefined || before + 1000 <= now, `${key} at ${now}`)
      passed.set(key, [...times.slice(-5), now])
    }
    assert.equal(passed.size, 2000)
  })

  test('leaves room for new keys when what it used is over', () => {
    const table = tableOf({}, 1000)
    const counter = counterOf({}, table)
    for (let index = 0; index < 5000; index++) passes(counter, `key-${index}`, 0)
    assert.equal(table.size, 1000)
    for (let index = 0; index < 1000; index++) assert.ok(passes(counter, `late-${index}`, 3000))
    for (let index = 0; index < 1000; index++) assert.ok(passes(counter, `later-${index}`, 6000))
    assert.ok(table.size <= 1000)
  })
})

describe('several limits of one request', () => {
  test('are taken from all or none: what is refused uses up nothing', t => {
    const random = seeded(t, 2)
    const counters = [counterOf({ limit: 3 }), counterOf({ limit: 8, by: 'route' }), counterOf({ limit: 5, algorithm: 'token' })]
    let now = 0
    for (let count = 0; count < 5000; count++) {
      now += random() * 60
      const questions = counters.map((counter): Question => ({ counter, key: `k${below(random, 3)}` }))
      const rooms = () => questions.map(({ counter, key }) => counter.usageOf(key, now).room(counter.ruleFor(1), now))
      const before = rooms()
      const { allowed, retryMs, standings } = decideHere(questions, alone, now)
      assert.equal(
        allowed,
        before.every(room => room > 0)
      )
      assert.deepEqual(rooms(), allowed ? before.map(room => room - 1) : before)
      assert.deepEqual(
        standings.map(({ remaining }) => remaining),
        rooms()
      )
      assert.equal(retryMs > 0, !allowed)
    }
  })
})

describe('requests under way', () => {
  test('are let in as often as others end, for each key', () => {
    const counter = counterOf({ algorithm: 'concurrency', limit: 2, windowMs: 0 })
    const enter = (key: string) => decideHere([{ counter, key }], alone, 0)
    const [first, second] = [enter('a'), enter('a')]
    assert.ok(first.allowed && second.allowed && !enter('a').allowed && enter('b').allowed)
    first.release?.()
    assert.ok(enter('a').allowed && !enter('a').allowed)
  })

  test('leave nothing behind', () => {
    const table = tableOf({ algorithm: 'concurrency', windowMs: 0 })
    const counter = counterOf({ algorithm: 'concurrency', limit: 2, windowMs: 0 }, table)
    const decisions = Array.from({ length: 500 }, (_, index) => decideHere([{ counter, key: `k${index}` }], alone, 0))
    assert.equal(table.size, 500)
    for (const { release } of decisions) release?.()
    assert.equal(table.size, 0)
  })
})

test('gateways that cannot ask each other share a limit evenly, and each has one at least', () => {
  const shares = (limit: number, gateways: number) => counterOf({ limit }).ruleFor(gateways).limit
  assert.deepEqual([shares(100, 1), shares(100, 2), shares(100, 3), shares(2, 5)], [100, 50, 33, 1])
})
