import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LatencyByLoad } from '../../../src/balance/latency-by-load.ts'
import { prequal } from '../../../src/balance/prequal.ts'
import type { TelemetryView } from '../../../src/model/telemetry.ts'
import { aborted } from '../fixtures/attempts.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'
import { seeded } from '../fixtures/seed.ts'
import { target, weighted } from '../fixtures/targets.ts'
import { Flight, measure, play } from './flights.ts'

const none = () => 0
const at = (now: number, random = none) => ({ now, random, retry: false })

test('of idle targets the quickest is picked', () => {
  const picker = prequal()
  const targets = weighted(1, 1, 1)
  for (const [index, each] of targets.entries()) measure(picker, each, 0, 30 - 10 * index)
  assert.equal(picker.pick(targets, at(40)), targets[2])
})

test('the busiest is hot, and left to itself however quick it is', () => {
  const picker = prequal()
  const targets = weighted(1, 1, 1)
  for (const [index, each] of targets.entries()) measure(picker, each, 0, 30 - 10 * index)
  new Flight(picker, targets[2]!, 30)
  assert.equal(picker.pick(targets, at(30)), targets[1])
})

test('requests in flight are given back in every ending', () => {
  const picker = prequal()
  const both = [target('a'), target('b')]
  const [a, b] = both
  for (const each of both) measure(picker, each, 0, each === a ? 10 : 20)
  const endings: ((flight: Flight) => unknown)[] = [
    flight => flight.answer(20).end(30),
    flight => flight.answer(20).fail(30),
    flight => flight.answer(20, 404).end(20),
    flight => flight.fail(22, aborted),
    flight => flight.end(22)
  ]
  for (const end of endings) {
    const flight = new Flight(picker, a!, 10)
    assert.equal(picker.pick(both, at(15)), b, 'while it is in flight')
    end(flight)
  }
  // One of the endings was a failure, which costs less than a second a tenth of the time: not hot, but slow for a while.
  for (let i = 0; i < 100; i++) measure(picker, a!, 30, 10)
  assert.equal(picker.pick(both, at(40)), a, 'nothing is left in flight')
})

test('weights: idle and equal targets are drawn by them, one of weight 0 only where no other is', t => {
  const random = seeded(t, 14)
  const picker = prequal()
  const targets = weighted(5, 3, 0)
  const counts = [0, 0, 0]
  // Nobody was measured, nothing is in flight; a second apart, nothing is left in the pool.
  for (let i = 0; i < 20_000; i++) counts[targets.indexOf(picker.pick(targets, at(i * 1001, random)))]!++
  assertDistributed(counts, [5, 3, 0])
  assert.equal(prequal().pick(weighted(0, 0), at(0)).weight, 0)
})

test('a heavy target may have more in flight before it is hot', () => {
  const picker = prequal()
  const both = weighted(4, 1)
  const [heavy, light] = both
  for (const each of both) measure(picker, each, 0, each === heavy ? 10 : 20)
  new Flight(picker, light!, 20)
  for (let i = 0; i < 3; i++) new Flight(picker, heavy!, 20)
  assert.equal(picker.pick(both, at(20)), heavy)
  for (let i = 0; i < 2; i++) new Flight(picker, heavy!, 20)
  assert.equal(picker.pick(both, at(20)), light)
})

test('what a target says to have in flight counts, but never less than what was sent from here', () => {
  const said = new Map<string, number>([['a', 7]])
  const telemetry: TelemetryView = {
    latest(each) {
      const inFlight = said.get(each.id)
      return inFlight === undefined ? undefined : { inFlight }
    },
    lastHealthy: () => undefined
  }
  const picker = prequal(telemetry)
  const both = [target('a'), target('b')]
  const [a, b] = both
  for (const each of both) measure(picker, each, 0, each === a ? 10 : 20)
  assert.equal(picker.pick(both, at(20)), b)
  said.set('a', 0)
  assert.equal(picker.pick(both, at(20)), a)
  new Flight(picker, a!, 20)
  assert.equal(picker.pick(both, at(20)), b)
})

test('a target that hangs is left before its first timeout', t => {
  const targets = weighted(1, 1, 1)
  let hung = 0
  play({
    picker: prequal(),
    targets,
    random: seeded(t, 15),
    everyMs: 2,
    forMs: 10_000,
    behave(each, now) {
      if (each !== targets[0] || now < 2000) return { ms: 10 }
      hung++
      return { ms: 5000, status: 0 }
    }
  })
  assert.ok(hung >= 1 && hung <= 10, `${hung} of 4000 requests went to the target that hangs`)
})

for (const count of [2, 3, 20]) {
  test(`one of ${count} targets fails at once and does not attract traffic`, t => {
    const random = seeded(t, 16)
    const targets = weighted(...new Array<number>(count).fill(1))
    const [failing, ...others] = play({
      picker: prequal(),
      targets,
      random,
      everyMs: 8 / count,
      forMs: 10_000,
      behave: each => (each === targets[0] ? { ms: 1, status: 503 } : { ms: 20 + 20 * random() })
    })
    const requests = (10_000 * count) / 8
    assert.ok(failing! < 40, `${failing} of ${requests} requests went to the target that fails`)
    for (const other of others) assert.ok(other > requests / count / 4, `${other} of ${requests}`)
  })
}

test('a target that was slow is tried again, and comes back when it is well', t => {
  const targets = weighted(1, 1, 1)
  const late: number[] = []
  play({
    picker: prequal(),
    targets,
    random: seeded(t, 17),
    everyMs: 20,
    forMs: 120_000,
    behave(each, now) {
      if (each === targets[0] && now > 90_000) late.push(now)
      return { ms: each === targets[0] && now < 10_000 ? 500 : 10 }
    }
  })
  assert.ok(late.length > 300, `${late.length} of the last 1500 requests`)
})

test('a fresh target does not draw in everybody while a thousand are known', t => {
  const random = seeded(t, 18)
  const picker = prequal()
  const targets = Array.from({ length: 100 }, (_, index) => target(`t${index}`))
  for (const each of targets.slice(1)) measure(picker, each, 0, 10)
  let tries = 0
  for (let i = 0; i < 1000; i++) {
    const picked = picker.pick(targets, at(10, random))
    if (picked === targets[0]) tries++
    new Flight(picker, picked, 10)
  }
  assert.ok(tries >= 1 && tries < 40, `${tries} of 1000`)
})

test('a latency is the median of recent answers near the number in flight', () => {
  const latency = new LatencyByLoad()
  assert.equal(latency.known, false)
  for (const ms of [30, 10, 20]) latency.add(ms, 0, 0)
  for (const ms of [100, 300, 200, 400]) latency.add(ms, 9, 0)
  assert.equal(latency.at(0, 0), 20)
  assert.equal(latency.at(0, 8), 200, 'in the step of 7 to 14; of an even number the lower')
  assert.equal(latency.at(0, 2), 20, 'the nearest step')
  assert.equal(latency.at(0, 500), 200)
})

test('the median follows the latest nine answers', () => {
  const latency = new LatencyByLoad()
  for (let i = 0; i < 9; i++) latency.add(10, 0, 0)
  for (let i = 0; i < 4; i++) latency.add(50, 0, 0)
  assert.equal(latency.at(0, 0), 10)
  latency.add(50, 0, 0)
  assert.equal(latency.at(0, 0), 50)
})

test('answers of long ago fade, and the first new one replaces them', () => {
  const latency = new LatencyByLoad()
  for (let i = 0; i < 9; i++) latency.add(800, 0, 0)
  assert.equal(Math.round(latency.at(5000, 0)), 400)
  assert.equal(Math.round(latency.at(15_000, 0)), 100)
  latency.add(10, 0, 15_000)
  assert.equal(latency.at(15_000, 0), 10)
})
