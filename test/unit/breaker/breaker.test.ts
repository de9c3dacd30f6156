import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Breaker } from '../../../src/breaker/breaker.ts'
import type { CircuitOptions } from '../../../src/breaker/circuit.ts'
import { GroupBreaker } from '../../../src/breaker/group-breaker.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { Target } from '../../../src/model/target.ts'
import { judge } from '../../../src/model/verdict.ts'
import { aborted, answered, attempt, reset } from '../fixtures/attempts.ts'

const options: CircuitOptions = { failureShare: 0.5, minimum: 10, windowMs: 10_000, openMs: 5000, slowMs: 0, probes: 2 }
const targetsOf = (count: number): Target[] =>
  Array.from({ length: count }, (_, i) => ({ id: `t${i}`, url: `http://t${i}`, weight: 1, tier: 0, tags: [], labels: {} }))

/** A breaker whose opening times have no jitter. */
function breakerOf(count: number, more: Partial<CircuitOptions> = {}) {
  const targets = targetsOf(count)
  const breaker = new Breaker(targets, { ...options, ...more }, () => 0.5)
  const call = (target: Target, outcome: Outcome, startedAt: number, now = startedAt) => {
    const one = attempt(target, startedAt, outcome, now)
    breaker.started(one, startedAt)
    breaker.judged(one, judge(outcome), now)
    breaker.ended(one)
  }
  const fail = (target: Target, times: number, now: number) => {
    for (let i = 0; i < times; i++) call(target, reset, now)
  }
  // Fixtures have as many targets as the test asked for.
  return { targets, first: targets[0] as Target, second: targets[1] as Target, breaker, call, fail }
}

test('it opens when the failure share is reached, and not before the minimum of calls', () => {
  const { first, breaker, fail, call } = breakerOf(2)
  fail(first, 9, 0)
  assert.equal(breaker.refusal(first, 0), undefined)
  assert.ok(breaker.quiet)
  call(first, reset, 1)
  assert.equal(breaker.refusal(first, 1), 'breaker open')
  assert.equal(breaker.quiet, false)
  assert.equal(breaker.stateOf(first, 1), 'open')
})

test('half of the calls must fail: fewer do not open it, and old ones are forgotten', () => {
  const { first, breaker, call } = breakerOf(2)
  for (let i = 0; i < 30; i++) call(first, i % 3 === 0 ? reset : answered(200), i)
  assert.equal(breaker.refusal(first, 30), undefined)
  const { first: other, breaker: forgetful, fail } = breakerOf(2)
  fail(other, 9, 0)
  fail(other, 1, 20_000)
  assert.equal(forgetful.refusal(other, 20_000), undefined)
})

test('slow calls open it as failures do', () => {
  const { first, breaker, call } = breakerOf(2, { slowMs: 100 })
  for (let i = 0; i < 10; i++) call(first, answered(200), i, i + 101)
  assert.equal(breaker.refusal(first, 111), 'breaker open')
})

test('after its time it lets as many probes through as it may, and closes after as many successes', () => {
  const { first, breaker, fail } = breakerOf(2)
  fail(first, 10, 0)
  assert.equal(breaker.refusal(first, 4999), 'breaker open')
  const probes = [attempt(first, 5000, answered(200), 5010), attempt(first, 5001, answered(200), 5011)]
  for (const probe of probes) {
    assert.equal(breaker.refusal(first, probe.startedAt), undefined)
    breaker.started(probe, probe.startedAt)
  }
  assert.match(breaker.refusal(first, 5002) ?? '', /half open/)
  for (const probe of probes) {
    breaker.judged(probe, 'success', 5020)
    breaker.ended(probe)
  }
  assert.equal(breaker.stateOf(first, 5020), 'closed')
  assert.equal(breaker.refusal(first, 5020), undefined)
})

test('a probe that fails opens it again, for longer', () => {
  const { first, second, breaker, fail, call } = breakerOf(2)
  call(second, answered(200), 0)
  fail(first, 10, 0)
  call(first, reset, 5000)
  assert.equal(breaker.opensUntil(first), 5000 + 10_000)
})

test('after closing, its share grows from a tenth to all', () => {
  const { first, breaker, fail, call } = breakerOf(2)
  fail(first, 10, 0)
  call(first, answered(200), 5000)
  call(first, answered(200), 5001)
  assert.ok(Math.abs(breaker.warmth(first, 5001) - 0.1) < 0.001)
  assert.ok(Math.abs(breaker.warmth(first, 7501) - 0.55) < 0.001)
  assert.equal(breaker.warmth(first, 10_001), 1)
})

test('a call from before the opening, and one that nobody is to blame for, count for nothing', () => {
  const { first, breaker, fail } = breakerOf(2)
  const old = attempt(first, 0, reset, 5001)
  breaker.started(old, 0)
  fail(first, 10, 1)
  const probe = attempt(first, 5002, aborted, 5003)
  breaker.started(probe, 5002)
  breaker.judged(old, 'failure', 5003)
  breaker.judged(probe, 'ignored', 5003)
  breaker.ended(old)
  breaker.ended(probe)
  assert.equal(breaker.stateOf(first, 5003), 'half-open')
  assert.equal(breaker.refusal(first, 5003), undefined)
})

test('where all are open one is probed every 250 ms, and its success lets the others be probed', () => {
  const { first, second, breaker, fail, call } = breakerOf(2)
  fail(second, 10, 0)
  assert.equal(breaker.refusal(second, 300), 'breaker open', 'the first is still closed')
  fail(first, 10, 300)
  assert.equal(breaker.refusal(second, 300), undefined, 'the one that opened first is rescued')
  assert.equal(breaker.refusal(first, 300), 'breaker open')
  call(second, reset, 300)
  assert.equal(breaker.refusal(first, 549), 'breaker open')
  assert.equal(breaker.refusal(first, 550), undefined, 'now the other has less time left')
  call(first, answered(200), 550)
  assert.equal(breaker.refusal(second, 551), undefined, 'the others need not wait any longer')
})

test('an attempt that had been admitted, and comes after the opening, is no probe and puts off none', () => {
  const { first, second, breaker, fail, call } = breakerOf(2)
  fail(first, 10, 0)
  call(first, answered(200), 100)
  assert.equal(breaker.stateOf(first, 100), 'open')
  assert.equal(breaker.refusal(first, 100), 'breaker open')
  fail(second, 10, 200)
  // All are open now, and the rescue has not been used up.
  assert.equal(breaker.refusal(first, 300), undefined)
})

test('a success from before the opening, or one that was too slow, lets nobody be probed sooner', () => {
  const { first, second, breaker, fail } = breakerOf(3, { slowMs: 100 })
  const old = attempt(first, 0, answered(200), 50)
  fail(first, 10, 10)
  fail(second, 10, 4000)
  breaker.judged(old, 'success', 5010)
  assert.equal(breaker.stateOf(first, 5010), 'half-open', 'its time is over, and nobody has probed it')
  assert.equal(breaker.refusal(second, 5010), 'breaker open')
  const probe = attempt(first, 5020, answered(200), 5030)
  breaker.started(probe, 5020)
  breaker.judged(old, 'success', 5025)
  assert.equal(breaker.refusal(second, 5025), 'breaker open')
  breaker.judged(probe, 'success', 5030)
  assert.equal(breaker.refusal(second, 5030), undefined, 'a probe’s own success does')

  const other = breakerOf(3, { slowMs: 100 })
  other.fail(other.first, 10, 0)
  other.fail(other.second, 10, 4000)
  other.call(other.first, answered(200), 5000, 5101)
  assert.equal(other.breaker.refusal(other.second, 5101), 'breaker open')
  assert.equal(other.breaker.refusal(other.first, 5101), 'breaker open')
})

test('a group breaker refuses every target of the group', () => {
  const [first, second] = targetsOf(2) as [Target, Target]
  const breaker = new GroupBreaker(options, () => 0.5)
  for (let i = 0; i < 10; i++) breaker.judged(attempt(first, i, reset), 'failure', i)
  assert.equal(breaker.refusal(second, 10), 'breaker of the group open')
  assert.equal(breaker.quiet, false)
  assert.equal(breaker.admitsAt(), 9 + 5000)
})
