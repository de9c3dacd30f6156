import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FixedWindow } from '../../../src/rate-limit/fixed-window.ts'
import { cellsInWindow, SlidingWindow } from '../../../src/rate-limit/sliding-window.ts'
import { TokenBucket } from '../../../src/rate-limit/token-bucket.ts'
import type { Rule, Usage } from '../../../src/rate-limit/usage.ts'
import type { Random } from '../../../src/time/random.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'

const rounds = 300
const requests = 400

/** Instants of requests: bursts, steady ones, long pauses, and such that fall on the edge of a window. */
function instants(random: Random, { windowMs }: Rule): number[] {
  let now = below(random, 1000)
  return Array.from({ length: requests }, () => {
    const gap = oneOf(random, [0, 0, 0, random() * 3, windowMs / 10, windowMs * random(), windowMs, windowMs * 2.5 * random()])
    now += random() < 0.5 ? Math.round(gap) : gap
    return now
  })
}

const anyRule = (random: Random): Rule => ({
  limit: oneOf(random, [1, 2, 5, 10, 33, 100]),
  windowMs: oneOf(random, [10, 250, 1000, 60_000])
})

/** Asks for each instant; the instants at which it passed. Looks at the wait that a refusal names. */
function play(usage: Usage, rule: Rule, times: readonly number[]): { passed: number[]; refused: number[] } {
  const passed: number[] = []
  const refused: number[] = []
  for (const now of times) {
    if (usage.room(rule, now) > 0) {
      usage.take(rule, now)
      passed.push(now)
    } else {
      refused.push(now)
      assert.ok(usage.waitMs(rule, now) > 0, 'a refusal names a wait')
    }
  }
  return { passed, refused }
}

const within = (passed: readonly number[], from: number, to: number) => passed.filter(at => at > from && at <= to).length

describe('a sliding window, against a log of every request', () => {
  test('lets no more than the limit pass in any span of the window', t => {
    const random = seeded(t, 1)
    for (let round = 0; round < rounds; round++) {
      const rule = anyRule(random)
      const { passed } = play(new SlidingWindow(), rule, instants(random, rule))
      for (const [index, at] of passed.entries()) {
        const before = passed[index - rule.limit]
        assert.ok(before === undefined || before + rule.windowMs <= at, `limit ${rule.limit} in ${rule.windowMs} ms at ${at}`)
      }
    }
  })

  test('refuses nobody who has room in a window that is a 32nd longer', t => {
    const random = seeded(t, 2)
    for (let round = 0; round < rounds; round++) {
      const rule = anyRule(random)
      const { passed, refused } = play(new SlidingWindow(), rule, instants(random, rule))
      const longer = rule.windowMs * (1 + 1 / cellsInWindow)
      for (const at of refused) assert.ok(within(passed, at - longer, at) >= rule.limit, `refused at ${at}`)
    }
  })

  test('refuses nobody too much where requests are further apart than a 32nd of the window', t => {
    const random = seeded(t, 3)
    for (let round = 0; round < rounds; round++) {
      const rule = { limit: 1 + below(random, 20), windowMs: 1000 }
      let now = 0
      const times = Array.from({ length: requests }, () => (now += 32 + random() * 100))
      const { passed, refused } = play(new SlidingWindow(), rule, times)
      for (const at of refused) assert.equal(within(passed, at - rule.windowMs, at), rule.limit)
    }
  })

  test('has room when the wait is over that it named, and not before', t => {
    const random = seeded(t, 4)
    for (let round = 0; round < rounds; round++) {
      const rule = anyRule(random)
      const usage = new SlidingWindow()
      for (const now of instants(random, rule)) {
        if (usage.room(rule, now) > 0) {
          usage.take(rule, now)
          continue
        }
        const wait = usage.waitMs(rule, now)
        assert.ok(usage.room(rule, now + wait * 0.999 - 1e-6) <= 0)
        assert.ok(usage.room(rule, now + wait + 1e-6) > 0)
        break
      }
    }
  })
})

test('a fixed window begins with its first request, and lets the limit pass', t => {
  const random = seeded(t, 5)
  for (let round = 0; round < rounds; round++) {
    const rule = anyRule(random)
    const times = instants(random, rule)
    let [endsAt, count] = [Number.NEGATIVE_INFINITY, 0]
    const expected = times.filter(at => {
      if (at >= endsAt) [endsAt, count] = [at + rule.windowMs, 0]
      return ++count <= rule.limit
    })
    assert.deepEqual(play(new FixedWindow(), rule, times).passed, expected)
  }
})

describe('a token bucket', () => {
  test('lets pass what a bucket lets pass that is filled drop by drop', t => {
    const random = seeded(t, 6)
    for (let round = 0; round < rounds; round++) {
      const rule = anyRule(random)
      const usage = new TokenBucket()
      let [tokens, last] = [rule.limit, 0]
      for (const now of instants(random, rule)) {
        tokens = Math.min(rule.limit, tokens + ((now - last) * rule.limit) / rule.windowMs)
        last = now
        const room = usage.room(rule, now)
        // Both are sums of fractions: where the bucket holds a whole number, they may differ in the last digits.
        assert.ok(room === Math.floor(tokens + 1e-6) || Math.abs(tokens - Math.round(tokens)) < 2e-6, `${room}, ${tokens}`)
        if (room <= 0) continue
        usage.take(rule, now)
        tokens -= 1
      }
    }
  })

  test('lets the whole limit pass at once, and the next one after its share of the window', () => {
    for (const limit of [1, 3, 7, 49, 1_000_003]) {
      const rule = { limit, windowMs: 1000 }
      const usage = new TokenBucket()
      const now = 1e10 + 0.123
      let passed = 0
      for (; usage.room(rule, now) > 0; passed++) usage.take(rule, now)
      assert.equal(passed, limit)
      const wait = usage.waitMs(rule, now)
      assert.ok(Math.abs(wait - 1000 / limit) < 1e-3)
    }
  })
})

test('a log of many requests stays small, whatever the limit', () => {
  const rule = { limit: 1_000_000_000, windowMs: 1000 }
  const usage = new SlidingWindow()
  for (let now = 0; now < 100_000; now++) {
    assert.ok(usage.room(rule, now) > rule.limit - 1100)
    usage.take(rule, now)
  }
})
