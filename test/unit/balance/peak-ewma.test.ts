import assert from 'node:assert/strict'
import { test } from 'node:test'
import { peakEwma } from '../../../src/balance/peak-ewma.ts'
import type { Picker } from '../../../src/model/picker.ts'
import type { Target } from '../../../src/model/target.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'
import { seeded } from '../fixtures/seed.ts'
import { target, weighted } from '../fixtures/targets.ts'
import { Flight, measure, play } from './flights.ts'

function pair(aMs: number, bMs: number, measuredAt = 0) {
  const picker = peakEwma()
  const [a, b] = [target('a'), target('b')]
  measure(picker, a, measuredAt - aMs, aMs)
  measure(picker, b, measuredAt - bMs, bMs)
  return { picker, a, b, both: [a, b] }
}

/** With two candidates both are drawn, whatever chance says, so that the load alone decides. */
const pick = (picker: Picker, candidates: readonly Target[], now: number) =>
  picker.pick(candidates, { now, random: seededRandom(1), retry: false })

test('the load is time x (in flight + 1)', () => {
  const { picker, a, b, both } = pair(10, 35)
  for (let i = 0; i < 3; i++) {
    assert.equal(pick(picker, both, 0), a)
    new Flight(picker, a, 0)
  }
  assert.equal(pick(picker, both, 0), b)
})

test('the load is divided by the weight', () => {
  const picker = peakEwma()
  const both = weighted(3, 1)
  const [heavy, light] = both
  for (const each of both) measure(picker, each, -10, 10)
  for (let i = 0; i < 2; i++) {
    assert.equal(pick(picker, both, 0), heavy)
    new Flight(picker, heavy!, 0)
  }
  new Flight(picker, heavy!, 0)
  assert.equal(pick(picker, both, 0), light)
})

test('equal targets are drawn by weight', t => {
  const random = seeded(t, 6)
  const picker = peakEwma()
  const targets = weighted(5, 3, 1, 0)
  const counts = [0, 0, 0, 0]
  // Nobody was measured yet, and nothing is ever in flight: all are equal.
  for (let i = 0; i < 20_000; i++) counts[targets.indexOf(picker.pick(targets, { now: 0, random, retry: false }))]!++
  assertDistributed(counts, [5, 3, 1, 0])
})

test('a peak is taken over at once and decays to 1/e in 10 s', () => {
  const { picker, a, b, both } = pair(10, 10)
  measure(picker, a, 0, 1000)
  // 1000 x e^-t/10 s against the other, which is told its time anew each time.
  for (const [seconds, other, expected] of [
    [1, 367, b],
    [11, 367, b],
    [11, 369, a],
    [21, 134, b],
    [21, 137, a]
  ] as const) {
    const now = seconds * 1000
    const fresh = target('fresh')
    measure(picker, fresh, now - other, other)
    assert.equal(pick(picker, [a, fresh], now), expected === a ? a : fresh, `${other} ms after ${seconds} s`)
  }
  assert.equal(pick(picker, both, 1000), b)
})

test('the worst of three measured targets is never taken while nothing is in flight', t => {
  const random = seeded(t, 7)
  const picker = peakEwma()
  const targets = weighted(1, 1, 1)
  for (const [index, each] of targets.entries()) measure(picker, each, -10 * (index + 1), 10 * (index + 1))
  for (let i = 0; i < 10_000; i++) assert.notEqual(picker.pick(targets, { now: 0, random, retry: false }), targets[2])
})

test('a target that hangs is left before its first timeout', t => {
  const targets = weighted(1, 1, 1)
  const counts = play({
    picker: peakEwma(),
    targets,
    random: seeded(t, 8),
    everyMs: 2,
    forMs: 5000,
    behave: each => (each === targets[0] ? { ms: 5000, status: 0 } : { ms: 10 })
  })
  assert.ok(counts[0]! <= 5, `${counts[0]} of 2500 requests went to the target that hangs`)
})

test('a target that hangs after it was well is left at once', t => {
  const targets = weighted(1, 1, 1)
  const late: number[] = []
  play({
    picker: peakEwma(),
    targets,
    random: seeded(t, 9),
    everyMs: 2,
    forMs: 10_000,
    behave(each, now) {
      if (each !== targets[0] || now < 2000) return { ms: 10 }
      late.push(now)
      return { ms: 5000, status: 0 }
    }
  })
  assert.ok(late.length >= 1 && late.length <= 10, `${late.length} of 4000 requests went to the target that hangs`)
})

test('a target that fails at once does not attract traffic', t => {
  const targets = weighted(1, 1, 1)
  const [failing, ...others] = play({
    picker: peakEwma(),
    targets,
    random: seeded(t, 10),
    everyMs: 4,
    forMs: 20_000,
    behave: each => (each === targets[0] ? { ms: 1, status: 503 } : { ms: 30 })
  })
  assert.ok(failing! < 50, `${failing} of 5000 requests went to the target that fails`)
  for (const count of others) assert.ok(count > 2000)
})

test('one failure in a hundred, everywhere, leaves the faster target with more', t => {
  const targets = weighted(1, 1)
  const random = seeded(t, 11)
  const [fast, slow] = play({
    picker: peakEwma(),
    targets,
    random,
    everyMs: 2,
    forMs: 20_000,
    behave: each => ({ ms: each === targets[0] ? 10 : 40, status: random() < 0.01 ? 503 : 200 })
  })
  assert.ok(fast! > 1.5 * slow!, `${fast} against ${slow}`)
})

test('a target that was never asked gets one first try, not a stampede', t => {
  const random = seeded(t, 12)
  const picker = peakEwma()
  const targets = weighted(1, 1, 1)
  const [known, other, fresh] = targets
  for (const each of [known, other]) measure(picker, each!, -10, 10)
  let tries = 0
  for (let i = 0; i < 100; i++) {
    const picked = picker.pick(targets, { now: 0, random, retry: false })
    if (picked === fresh) tries++
    new Flight(picker, picked, 0)
  }
  // Typical from its first try on: a third, as the others, within five standard deviations.
  assert.ok(tries >= 1 && tries < 57, `${tries} of 100 at once`)
})
