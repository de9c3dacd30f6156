import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unanswered } from '../../../src/balance/unanswered.ts'
import type { Attempt } from '../../../src/model/attempt.ts'
import { attempt } from '../fixtures/attempts.ts'
import { below, seeded } from '../fixtures/seed.ts'
import { target } from '../fixtures/targets.ts'

const a = target('a')

test('the oldest that waits is known, whoever leaves before it or after it', () => {
  const unanswered = new Unanswered()
  const [first, second, third] = [attempt(a, 10), attempt(a, 20), attempt(a, 30)]
  for (const each of [first, second, third]) unanswered.add(each, 0)
  assert.equal(unanswered.waitedMs(100), 90)
  unanswered.take(second)
  assert.equal(unanswered.waitedMs(100), 90)
  unanswered.take(first)
  assert.equal(unanswered.waitedMs(100), 70)
  unanswered.take(third)
  assert.equal(unanswered.waitedMs(100), 0)
})

test('an attempt is taken once, and says what was in flight when it came', () => {
  const unanswered = new Unanswered()
  const first = attempt(a, 10)
  unanswered.add(first, 7)
  assert.equal(unanswered.take(attempt(a, 10)), undefined, 'another attempt of the same instant')
  assert.equal(unanswered.take(first), 7)
  assert.equal(unanswered.take(first), undefined)
})

test('one that started before another that came first stands before it', () => {
  const unanswered = new Unanswered()
  const [late, early] = [attempt(a, 20), attempt(a, 19)]
  unanswered.add(late, 0)
  unanswered.add(early, 1)
  assert.equal(unanswered.waitedMs(20), 1)
  assert.equal(unanswered.take(early), 1)
  assert.equal(unanswered.take(late), 0)
})

test('agrees with a plain list through thousands of comings and goings, one of which stays for all of them', t => {
  const random = seeded(t, 1)
  const unanswered = new Unanswered()
  const list: { attempt: Attempt; inFlight: number }[] = []
  for (let now = 0; now < 20_000; now++) {
    if (random() < (now % 2000 < 1000 ? 0.6 : 0.4)) {
      // Several of the same instant now and then.
      const entry = { attempt: attempt(a, now - (now % 3)), inFlight: list.length }
      list.push(entry)
      unanswered.add(entry.attempt, entry.inFlight)
    } else if (list.length > 1) {
      const [left] = list.splice(1 + below(random, list.length - 1), 1)
      assert.ok(left)
      assert.equal(unanswered.take(left.attempt), left.inFlight)
    }
    assert.equal(unanswered.size, list.length)
    assert.equal(unanswered.waitedMs(now), list.length === 0 ? 0 : now - Math.min(...list.map(each => each.attempt.startedAt)))
  }
})
