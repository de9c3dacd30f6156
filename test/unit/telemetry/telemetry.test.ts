import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Attempt } from '../../../src/model/attempt.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { judge } from '../../../src/model/verdict.ts'
import { Telemetry } from '../../../src/telemetry/telemetry.ts'
import { target } from '../fixtures/targets.ts'

const minute = 60_000
const a = target('a')
const b = target('b')
const ok: Outcome = { kind: 'response', status: 200 }

interface Answer {
  readonly at: number
  readonly latencyMs?: number
  readonly outcome?: Outcome
  readonly orca?: string | string[]
}

/** An attempt at target a that was answered at this moment and is over. */
function answer(telemetry: Telemetry, { at, latencyMs = 10, outcome = ok, orca }: Answer): void {
  const headers = orca === undefined ? {} : { 'endpoint-load-metrics': orca }
  const attempt: Attempt = { target: a, startedAt: at - latencyMs, answeredAt: at, endedAt: at, outcome, headers }
  telemetry.started(attempt)
  telemetry.judged(attempt, judge(outcome), at)
  telemetry.ended(attempt)
}

describe('what is known of a target', () => {
  test('nothing, before it has said anything and was used', () => {
    const telemetry = new Telemetry()
    assert.deepEqual([telemetry.latest(a, 0), telemetry.lastHealthy(a)], [undefined, undefined])
  })

  test('is what it said last, and of that target alone', () => {
    const telemetry = new Telemetry()
    telemetry.report(a, { cpu: 0.2, memory: 0.3 }, 0)
    telemetry.report(a, { cpu: 0.4 }, 1000)
    assert.deepEqual(telemetry.latest(a, 1000), { cpu: 0.4, memory: 0.3 })
    assert.equal(telemetry.latest(b, 1000), undefined)
  })

  test('is forgotten after three minutes, each word by its own age', () => {
    const telemetry = new Telemetry()
    telemetry.report(a, { cpu: 0.2 }, 0)
    telemetry.report(a, { memory: 0.3 }, minute)
    assert.deepEqual(telemetry.latest(a, 3 * minute), { cpu: 0.2, memory: 0.3 })
    assert.deepEqual(telemetry.latest(a, 3 * minute + 1), { memory: 0.3 })
    assert.equal(telemetry.latest(a, 4 * minute + 1), undefined)
  })

  test('is forgotten earlier where that is set', () => {
    const telemetry = new Telemetry({ staleMs: 1000 })
    telemetry.report(a, { cpu: 0.2 }, 0)
    answer(telemetry, { at: 500 })
    assert.deepEqual(telemetry.latest(a, 1500), { latency: 10, inFlight: 0 })
    assert.equal(telemetry.latest(a, 1501), undefined)
  })

  test('is what it says in its answers, whether they are good or not', () => {
    const telemetry = new Telemetry()
    answer(telemetry, { at: 100, orca: 'TEXT cpu_utilization=0.5', outcome: { kind: 'response', status: 503 } })
    assert.deepEqual(telemetry.latest(a, 100), { cpu: 0.5 })
    answer(telemetry, { at: 200, orca: ['TEXT cpu_utilization=0.1', 'TEXT cpu_utilization=0.6'] })
    assert.equal(telemetry.latest(a, 200)?.cpu, 0.6)
    answer(telemetry, { at: 300, orca: 'what?' })
    assert.equal(telemetry.latest(a, 300)?.cpu, 0.6)
  })

  test('is not read from every answer of a busy target', () => {
    const telemetry = new Telemetry()
    answer(telemetry, { at: 100, orca: 'TEXT cpu_utilization=0.1' })
    answer(telemetry, { at: 150, orca: 'TEXT cpu_utilization=0.2' })
    assert.equal(telemetry.latest(a, 150)?.cpu, 0.1)
    answer(telemetry, { at: 200, orca: 'TEXT cpu_utilization=0.3' })
    assert.equal(telemetry.latest(a, 200)?.cpu, 0.3)
  })

  test("is the gateway's own measure where it says nothing", () => {
    const telemetry = new Telemetry()
    answer(telemetry, { at: 100, latencyMs: 20 })
    const underWay: Attempt = {
      target: a,
      startedAt: 100,
      answeredAt: undefined,
      endedAt: undefined,
      outcome: undefined,
      headers: {}
    }
    telemetry.started(underWay)
    telemetry.started(underWay)
    assert.deepEqual(telemetry.latest(a, 100), { latency: 20, inFlight: 2 })
    assert.deepEqual(telemetry.latest(a, 4 * minute), { inFlight: 2 })
    telemetry.report(a, { cpu: 0.1, latency: 5, inFlight: 9 }, 100)
    assert.deepEqual(telemetry.latest(a, 100), { cpu: 0.1, latency: 5, inFlight: 9 })
    telemetry.ended(underWay)
    telemetry.ended(underWay)
    answer(telemetry, { at: 4 * minute, latencyMs: 20 })
    assert.deepEqual(telemetry.latest(a, 4 * minute), { latency: 20, inFlight: 0 })
  })

  test('follows the latency of good answers within seconds, and no other', () => {
    const telemetry = new Telemetry()
    for (let at = 1000; at <= 60_000; at += 100) answer(telemetry, { at, latencyMs: 10 })
    for (let at = 60_100; at <= 70_000; at += 100) answer(telemetry, { at, latencyMs: 110 })
    // After one time constant it has gone 1 - 1/e of the way.
    const measured = telemetry.latest(a, 70_000)?.latency ?? 0
    assert.ok(Math.abs(measured - (10 + 100 * (1 - Math.exp(-1)))) < 1, `${measured}`)
    answer(telemetry, { at: 70_100, latencyMs: 9000, outcome: { kind: 'response', status: 500 } })
    answer(telemetry, { at: 70_200, latencyMs: 9000, outcome: { kind: 'failure', reason: 'timeout', sent: true } })
    answer(telemetry, { at: 70_300, latencyMs: 9000, outcome: { kind: 'aborted' } })
    assert.equal(telemetry.latest(a, 70_300)?.latency, measured)
  })
})

describe('what a target was like while it was well', () => {
  test('moves with what it says, slowly', () => {
    const telemetry = new Telemetry()
    for (let at = 0; at <= 10 * minute; at += 5000) telemetry.report(a, { cpu: 0.2 }, at)
    assert.ok(Math.abs((telemetry.lastHealthy(a)?.cpu ?? 0) - 0.2) < 1e-9)
    for (let at = 10 * minute + 5000; at <= 11 * minute; at += 5000) telemetry.report(a, { cpu: 1 }, at)
    const cpu = telemetry.lastHealthy(a)?.cpu ?? 0
    assert.ok(Math.abs(cpu - (0.2 + 0.8 * (1 - Math.exp(-1)))) < 0.01, `${cpu}`)
  })

  test('stays as it was from the moment it is frozen until it is thawed', () => {
    const telemetry = new Telemetry()
    telemetry.report(a, { cpu: 0.2, latency: 10 }, 0)
    const before = telemetry.lastHealthy(a)
    telemetry.freeze(a, 'health')
    telemetry.report(a, { cpu: 0.9, latency: 900 }, 5000)
    answer(telemetry, { at: 6000, orca: 'TEXT cpu_utilization=1' })
    assert.deepEqual(telemetry.lastHealthy(a), { cpu: 0.2, latency: 10 })
    assert.equal(telemetry.latest(a, 6000)?.cpu, 1)
    telemetry.thaw(a, 'health')
    telemetry.report(a, { cpu: 0.4 }, 10 * minute)
    assert.ok((telemetry.lastHealthy(a)?.cpu ?? 0) > 0.39)
    assert.deepEqual(before, { cpu: 0.2, latency: 10 })
  })

  test('stays frozen until everybody who froze it has thawed it', () => {
    const telemetry = new Telemetry()
    telemetry.report(a, { cpu: 0.2 }, 0)
    telemetry.freeze(a, 'health')
    telemetry.freeze(a, 'outlier')
    telemetry.freeze(a, 'outlier')
    telemetry.thaw(a, 'outlier')
    telemetry.report(a, { cpu: 0.9 }, minute)
    assert.equal(telemetry.lastHealthy(a)?.cpu, 0.2)
    telemetry.thaw(a, 'health')
    telemetry.report(a, { cpu: 0.9 }, 2 * minute)
    assert.ok((telemetry.lastHealthy(a)?.cpu ?? 0) > 0.5)
  })

  test("has the gateway's measure of a target that says nothing, from good answers alone", () => {
    const telemetry = new Telemetry()
    answer(telemetry, { at: 100, latencyMs: 30, outcome: { kind: 'response', status: 502 } })
    assert.equal(telemetry.lastHealthy(a), undefined)
    answer(telemetry, { at: 200, latencyMs: 30 })
    assert.deepEqual(telemetry.lastHealthy(a), { latency: 30, inFlight: 1 })
  })

  test('keeps what it said once, though that is too old for now', () => {
    const telemetry = new Telemetry()
    telemetry.report(a, { memory: 0.7 }, 0)
    telemetry.report(a, { cpu: 0.1 }, 10 * minute)
    assert.equal(telemetry.lastHealthy(a)?.memory, 0.7)
  })
})
