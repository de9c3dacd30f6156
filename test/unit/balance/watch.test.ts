import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FailureShare } from '../../../src/balance/failure-share.ts'
import { type LatencyEstimate, Watch } from '../../../src/balance/watch.ts'
import type { Picker } from '../../../src/model/picker.ts'
import { aborted, refused } from '../fixtures/attempts.ts'
import { target } from '../fixtures/targets.ts'
import { Flight } from './flights.ts'

/** The latest time, unchanged. */
class Latest implements LatencyEstimate {
  known = false
  latencyMs = 0
  readonly inFlight: number[] = []

  add(latencyMs: number, inFlight: number): void {
    this.known = true
    this.latencyMs = latencyMs
    this.inFlight.push(inFlight)
  }

  at(): number {
    return this.latencyMs
  }
}

function watching() {
  const watch = new Watch(() => new Latest())
  const picker: Picker = { algorithm: 'test', observer: watch, pick: candidates => candidates[0]! }
  const a = target('a')
  return { watch, a, start: (now: number) => new Flight(picker, a, now) }
}

test('in flight returns to 0 in every ending', () => {
  const { watch, a, start } = watching()
  start(0).answer(5).end(9)
  start(0).answer(5).fail(9)
  start(0).answer(5, 503).end(5)
  start(0).fail(9)
  start(0).fail(9, refused)
  start(0).fail(9, aborted)
  start(0).end(9)
  assert.equal(watch.of(a).inFlight, 0)
  assert.equal(watch.of(a).unanswered.size, 0)
})

test('an answer on its way is in flight, but waits no more', () => {
  const { watch, a, start } = watching()
  const stream = start(0).answer(5)
  assert.equal(watch.of(a).inFlight, 1)
  assert.equal(watch.of(a).expectedMs(100_000, 0), 5)
  stream.end(100_000)
  assert.equal(watch.of(a).inFlight, 0)
})

test('a time is up to the beginning of the answer, with what was in flight when it came', () => {
  const { watch, a, start } = watching()
  const first = start(0)
  start(1).answer(8).end(20)
  first.answer(30).end(30)
  assert.deepEqual(watch.of(a).latency.inFlight, [1, 0])
  assert.equal(watch.of(a).latency.latencyMs, 30)
})

test('a stream that breaks after a good start counts as a failure, and its time once', () => {
  const { watch, a, start } = watching()
  start(0).answer(5).fail(50)
  assert.deepEqual(watch.of(a).latency.inFlight, [0])
  assert.equal(watch.of(a).latency.latencyMs, 5)
  assert.ok(watch.of(a).failures.at(50) > 0.09)
})

test('one that waits shows the least that an answer takes', () => {
  const { watch, a, start } = watching()
  start(0).answer(10).end(10)
  start(100)
  assert.equal(watch.of(a).expectedMs(105, 10), 10)
  assert.equal(watch.of(a).expectedMs(900, 10), 800)
})

test('a quick failure makes a target slower, and adds nothing to what its answers take', () => {
  const { watch, a, start } = watching()
  start(0).answer(10).end(10)
  start(20).fail(21, refused)
  assert.equal(watch.of(a).latency.latencyMs, 10)
  assert.ok(watch.of(a).expectedMs(21, 10) >= 10 + 0.09 * 1000)
})

test('failures cost more than an answer where answers take longer than a second', () => {
  const { watch, a, start } = watching()
  start(0).answer(4000).end(4000)
  for (let i = 0; i < 50; i++) start(4000).fail(4001, refused)
  assert.ok(watch.of(a).expectedMs(4001, 10) > 7900)
})

test('what timed out, or was given up after long, was slow', () => {
  for (const outcome of [{ kind: 'failure', reason: 'timeout', sent: true } as const, aborted]) {
    const { watch, a, start } = watching()
    start(0).answer(10).end(10)
    start(10).fail(2010, outcome)
    assert.equal(watch.of(a).latency.latencyMs, 2000)
  }
})

test('a client that leaves early says nothing of the target', () => {
  const { watch, a, start } = watching()
  start(0).answer(10).end(10)
  start(10).fail(12, aborted)
  assert.equal(watch.of(a).latency.latencyMs, 10)
  assert.equal(watch.of(a).failures.at(12), 0)
})

test('one who was never asked comes first, once at a time, and is then taken for typical', () => {
  const { watch, a, start } = watching()
  assert.equal(watch.of(a).expectedMs(0, 25), 0)
  start(0)
  assert.equal(watch.of(a).expectedMs(1, 25), 25)
  assert.equal(watch.of(a).expectedMs(40, 25), 40)
  assert.ok(watch.of(a).expectedMs(0, 0) > 0, 'what is in flight must count where nobody was measured')
})

test('one that failed at its first try is not tried before all others again', () => {
  const { watch, a, start } = watching()
  start(0).fail(1, refused)
  assert.ok(watch.of(a).expectedMs(1, 25) > 100)
})

test('the share of failures follows outcomes, and fades where there are none', () => {
  const share = new FailureShare()
  assert.equal(share.at(0), 0)
  for (let i = 0; i < 10; i++) share.count(true, 0)
  assert.ok(Math.abs(share.at(0) - (1 - 0.9 ** 10)) < 1e-9)
  assert.ok(Math.abs(share.at(10_000) - share.at(0) / Math.E) < 1e-9)
  for (let i = 0; i < 100; i++) share.count(false, 0)
  assert.equal(share.at(0), 0)
})
