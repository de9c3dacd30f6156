import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Attempt } from '../../../src/model/attempt.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { judge } from '../../../src/model/verdict.ts'
import { LatencyWindow } from '../../../src/upstream/latency-window.ts'
import { Traffic } from '../../../src/upstream/traffic.ts'
import { aborted, answered, attempt, refused, reset } from '../fixtures/attempts.ts'
import { below, seeded } from '../fixtures/seed.ts'
import { target } from '../fixtures/targets.ts'

describe('the latest latencies', () => {
  test('have no percentiles while nothing was measured', () => {
    assert.deepEqual(new LatencyWindow().percentiles(), { p50: null, p95: null, p99: null })
  })

  test('have percentiles by nearest rank, to the tenth of a millisecond', () => {
    const window = new LatencyWindow()
    for (let ms = 100; ms >= 1; ms--) window.add(ms + 0.04)
    assert.deepEqual(window.percentiles(), { p50: 50, p95: 95, p99: 99 })
    const one = new LatencyWindow()
    one.add(12.34)
    assert.deepEqual(one.percentiles(), { p50: 12.3, p95: 12.3, p99: 12.3 })
  })

  test('are the last 256', () => {
    const window = new LatencyWindow()
    for (let i = 0; i < 1000; i++) window.add(5000)
    for (let i = 0; i < 255; i++) window.add(1)
    assert.deepEqual(window.percentiles(), { p50: 1, p95: 1, p99: 1 })
    window.add(2)
    assert.equal(window.percentiles().p99, 1)
    for (let i = 0; i < 256; i++) window.add(7)
    assert.deepEqual(window.percentiles(), { p50: 7, p95: 7, p99: 7 })
  })

  test('are sorted as numbers, and counted as a brute-force count would', t => {
    const random = seeded(t, 71)
    const window = new LatencyWindow()
    const all: number[] = []
    for (let i = 0; i < 700; i++) {
      const ms = below(random, 20_000)
      window.add(ms)
      all.push(ms)
      const sorted = all.slice(-256).sort((one, other) => one - other)
      const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]
      assert.deepEqual(window.percentiles(), { p50: at(0.5), p95: at(0.95), p99: at(0.99) })
    }
  })
})

describe('the traffic of a group', () => {
  const [a, b] = [target('a'), target('b')]
  const count = (traffic: Traffic, each: Attempt, outcome: Outcome) => traffic.judged(each, judge(outcome))

  test('knows what each target is doing now and has done', () => {
    const traffic = new Traffic()
    const [one, two] = [attempt(a, 0), attempt(a, 5)]
    traffic.started(one, 5)
    traffic.started(two, 5)
    assert.deepEqual([traffic.inFlight(a), traffic.inFlight(b)], [2, 0])
    traffic.ended(one, 5)
    const { inFlight, requests, failures } = traffic.of(a)
    assert.deepEqual({ inFlight, requests, failures }, { inFlight: 1, requests: 2, failures: 0 })
    traffic.ended(two, 5)
    assert.equal(traffic.inFlight(a), 0)
    assert.equal(traffic.of(b).requests, 0)
  })

  test('counts failures, of which a client that left is none', () => {
    const traffic = new Traffic()
    for (const outcome of [answered(200), answered(503), refused, reset, aborted, answered(404)])
      count(traffic, attempt(a, 0, outcome), outcome)
    assert.equal(traffic.of(a).failures, 3)
  })

  test('measures answers from the start of the attempt until they begin, and nothing else', () => {
    const traffic = new Traffic()
    const ok = answered(200)
    count(traffic, { ...attempt(a, 100, ok, 900), answeredAt: 130 }, ok)
    for (const outcome of [refused, aborted]) count(traffic, attempt(a, 0, outcome, 5000), outcome)
    count(traffic, { ...attempt(a, 100, ok), answeredAt: undefined }, ok)
    assert.deepEqual(traffic.of(a).latency.percentiles(), { p50: 30, p95: 30, p99: 30 })
  })
})

test('attempts that were overtaken burden their target, less and less, though nothing is in flight', () => {
  const traffic = new Traffic()
  const [a, b] = [target('a'), target('b')]
  for (const now of [0, 10, 20]) {
    const lost = attempt(a, now, { kind: 'aborted', overtaken: true })
    traffic.started(lost, now)
    traffic.ended(lost, now)
  }
  const left = attempt(b, 20, { kind: 'aborted' })
  traffic.started(left, 20)
  traffic.ended(left, 20)
  assert.equal(traffic.inFlight(a), 0)
  assert.ok(traffic.burden(a) > 2.9 && traffic.burden(a) <= 3, `${traffic.burden(a)}`)
  assert.equal(traffic.burden(b), 0, 'a client that leaves is no burden')
  const later = attempt(b, 5020)
  traffic.started(later, 5020)
  assert.ok(traffic.burden(a) < 0.05)
})
