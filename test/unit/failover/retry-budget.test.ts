import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RetryBudget } from '../../../src/failover/retry-budget.ts'
import { WindowCount } from '../../../src/failover/window-count.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'

const windowMs = 10_000

describe('a count of the last while', () => {
  test('counts all of the window, and at most one bucket more', t => {
    const random = seeded(t, 51)
    for (const [window, buckets] of [
      [10_000, 20],
      [1000, 1],
      [700, 7]
    ] as const) {
      const count = new WindowCount(window, buckets)
      const events: number[] = []
      let now = below(random, 100_000)
      for (let i = 0; i < 3000; i++) {
        now += oneOf(random, [0, 0, 0.25, 1, 30, 400, window / 3, window * 3])
        if (random() < 0.7) {
          count.add(now)
          events.push(now)
        }
        const within = events.filter(at => at > now - window).length
        const atMost = events.filter(at => at > now - window - window / buckets).length
        const sum = count.sum(now)
        assert.ok(sum >= within && sum <= atMost, `${sum} is counted at ${now}, from ${within} to ${atMost} is right`)
      }
    }
  })

  test('is zero at first and again after a long while', () => {
    const count = new WindowCount(1000, 4)
    assert.equal(count.sum(0), 0)
    count.add(1)
    assert.equal(count.sum(1), 1)
    assert.equal(count.sum(10_000_000), 0)
    count.add(10_000_000)
    assert.equal(count.sum(10_000_001), 1)
  })

  test('does not lose what is told late', () => {
    const count = new WindowCount(1000, 4)
    count.add(5000)
    count.add(4990)
    assert.equal(count.sum(5000), 2)
  })
})

describe('the retry budget', () => {
  test('allows 30 retries to a group without traffic', () => {
    const budget = new RetryBudget(0.1)
    for (let i = 0; i < 30; i++) {
      assert.equal(budget.admits(i), true, `retry ${i + 1}`)
      budget.spend(i)
    }
    assert.equal(budget.admits(30), false)
    assert.equal(budget.admits(windowMs + 1000), true, 'they come back')
  })

  test('allows the share of the requests besides, and no more', () => {
    const budget = new RetryBudget(0.1)
    for (let i = 0; i < 200; i++) budget.request(1000)
    let spent = 0
    for (; budget.admits(2000) && spent < 100; spent++) budget.spend(2000)
    assert.equal(spent, 50)
  })

  test('of a share of 0 is these 30 alone', () => {
    const budget = new RetryBudget(0)
    for (let i = 0; i < 1000; i++) budget.request(0)
    for (let i = 0; i < 30; i++) budget.spend(0)
    assert.equal(budget.admits(1), false)
  })

  test('counts no request that is older than 10 s', () => {
    const budget = new RetryBudget(0.1)
    for (let i = 0; i < 1000; i++) budget.request(1)
    for (let i = 0; i < 30; i++) budget.spend(10_400)
    assert.equal(budget.admits(10_400), false)
  })

  test('is spent only by what is told to be', () => {
    const budget = new RetryBudget(0)
    for (let i = 0; i < 100; i++) assert.equal(budget.admits(0), true)
  })

  test('is never overdrawn: in the 10 s up to any retry there are 30 and the share of their requests', t => {
    const random = seeded(t, 52)
    let refused = 0
    for (let i = 0; i < 30; i++) {
      const share = oneOf(random, [0, 0.1, 0.25, 1])
      const budget = new RetryBudget(share)
      const requests: number[] = []
      const retries: number[] = []
      let now = below(random, 1_000_000) / 8
      for (let j = 0; j < 1500; j++) {
        now += random() < 0.005 ? 3000 : oneOf(random, [0, 0, 0, 1, 5, 20, 80])
        if (random() < 0.5) {
          budget.request(now)
          requests.push(now)
        } else if (budget.admits(now)) {
          budget.spend(now)
          retries.push(now)
          const within = (events: readonly number[]) => events.filter(at => at >= now - windowMs).length
          const allowed = 30 + share * within(requests)
          assert.ok(within(retries) <= allowed, `${within(retries)} retries in the 10 s up to ${now}, ${allowed} are allowed`)
        } else refused++
      }
    }
    assert.ok(refused > 1000, 'the budget was put to the test')
  })
})
