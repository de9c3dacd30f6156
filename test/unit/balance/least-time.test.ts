import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leastTime } from '../../../src/balance/least-time.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'
import { seeded } from '../fixtures/seed.ts'
import { target, weighted } from '../fixtures/targets.ts'
import { Flight, measure, play } from './flights.ts'

const none = () => 0
const at = (now: number, random = none) => ({ now, random, retry: false })

function pair(aMs: number, bMs: number) {
  const picker = leastTime()
  const [a, b] = [target('a'), target('b')]
  measure(picker, a, 0, aMs)
  measure(picker, b, 0, bMs)
  return { picker, a, b, both: [a, b] }
}

test('the faster target is picked, until what it has in flight makes up for it', () => {
  const { picker, a, b, both } = pair(15, 50)
  // Steps of 20 ms: 20 x (1 + n) against 60.
  for (const expected of [a, a]) {
    assert.equal(picker.pick(both, at(50)), expected)
    new Flight(picker, expected, 50)
  }
  assert.equal(
    picker.pick(
      both,
      at(50, () => 0.9)
    ),
    a,
    'a tie is drawn'
  )
  assert.equal(
    picker.pick(
      both,
      at(50, () => 0.1)
    ),
    b,
    'a tie is drawn'
  )
  new Flight(picker, a, 50)
  assert.equal(picker.pick(both, at(50)), b)
})

test('near-equal times are one: what is in flight decides, then chance by weight', t => {
  const random = seeded(t, 2)
  const { picker, a, b, both } = pair(2, 18)
  const counts = [0, 0]
  for (let i = 0; i < 10_000; i++) counts[both.indexOf(picker.pick(both, at(20, random)))]!++
  assertDistributed(counts, [1, 1])
  new Flight(picker, a, 20)
  assert.equal(picker.pick(both, at(20, random)), b)
})

test('weights divide the time', () => {
  const picker = leastTime()
  const targets = weighted(3, 1)
  for (const each of targets) measure(picker, each, 0, 10)
  const [heavy, light] = targets
  for (let i = 0; i < 2; i++) new Flight(picker, heavy!, 10)
  // 20 x 3 / 3 against 20 x 1 / 1.
  assert.equal(
    picker.pick(
      targets,
      at(10, () => 0.1)
    ),
    light
  )
  new Flight(picker, light!, 10)
  assert.equal(picker.pick(targets, at(10)), heavy)
})

test('a target of weight 0 is picked only where no other is', t => {
  const random = seeded(t, 3)
  const picker = leastTime()
  const [a, b, c] = weighted(0, 1, 0)
  for (let i = 0; i < 100; i++) assert.equal(picker.pick([a!, b!, c!], at(0, random)), b)
  new Flight(picker, b!, 0)
  assert.equal(picker.pick([a!, b!, c!], at(60_000, random)), b, 'however long it hangs')
  const counts = [0, 0]
  for (let i = 0; i < 10_000; i++) counts[picker.pick([a!, c!], at(0, random)) === a ? 0 : 1]!++
  assertDistributed(counts, [1, 1])
})

test('a time halves with every 10 s of silence, until the target is tried again', () => {
  const { picker, a, b, both } = pair(15, 1000)
  const quick = (now: number) => measure(picker, a, now - 15, 15)
  for (let now = 5000; now < 61_000; now += 5000) {
    quick(now)
    assert.equal(picker.pick(both, at(now)), a)
  }
  // 1000 / 2^6 = 15.6: the same step as the other, and chance may have it.
  quick(61_000)
  assert.equal(picker.pick(both, at(61_000)), b)
})

test('one good answer after a long pause brings a target back, one bad answer sends it away for as long again', () => {
  for (const [latencyMs, back] of [
    [15, true],
    [1000, false]
  ] as const) {
    const { picker, a, b, both } = pair(15, 1000)
    measure(picker, b, 110_000, latencyMs)
    measure(picker, a, 110_000 + latencyMs, 15)
    assert.equal(picker.pick(both, at(111_100)) === b, back)
  }
})

test('beyond 5 s all are equally bad, and the one with less in flight is picked', () => {
  const picker = leastTime()
  const both = weighted(1, 1)
  const [a, b] = both
  measure(picker, a!, 54_000, 6000)
  measure(picker, b!, 0, 60_000)
  new Flight(picker, a!, 60_000)
  assert.equal(picker.pick(both, at(60_001)), b)
})

test('a target that hangs is left before its first timeout', t => {
  const targets = weighted(1, 1, 1)
  const counts = play({
    picker: leastTime(),
    targets,
    random: seeded(t, 4),
    everyMs: 2,
    forMs: 10_000,
    behave: (each, now) => (each === targets[0] && now >= 5000 ? { ms: 5000, status: 0 } : { ms: 10 })
  })
  const healthy = play({
    picker: leastTime(),
    targets,
    random: seeded(t, 4),
    everyMs: 2,
    forMs: 5000,
    behave: () => ({ ms: 10 })
  })
  const lost = counts[0]! - healthy[0]!
  assert.ok(lost >= 1 && lost <= 12, `${lost} of 2500 requests went to the target that hangs`)
})

test('a target that fails at once does not attract traffic', t => {
  const targets = weighted(1, 1, 1)
  const [failing, ...others] = play({
    picker: leastTime(),
    targets,
    random: seeded(t, 5),
    everyMs: 4,
    forMs: 20_000,
    behave: each => (each === targets[0] ? { ms: 1, status: 503 } : { ms: 30 })
  })
  assert.ok(failing! < 50, `${failing} of 5000 requests went to the target that fails`)
  for (const count of others) assert.ok(count > 2000)
})

test('a target that was never asked is tried once, not by everybody', () => {
  const { picker, both } = pair(10, 10)
  const fresh = weighted(1)[0]!
  const all = [...both, fresh]
  assert.equal(picker.pick(all, at(10)), fresh)
  new Flight(picker, fresh, 10)
  assert.notEqual(picker.pick(all, at(10)), fresh)
})
