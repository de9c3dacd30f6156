import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attempt } from '../../../src/model/attempt.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { Target } from '../../../src/model/target.ts'
import { judge } from '../../../src/model/verdict.ts'
import { Ejector, type EjectorOptions } from '../../../src/outlier/ejector.ts'
import { seededRandom } from '../../../src/time/random.ts'

const options: EjectorOptions = { consecutive: 5, ejectMs: 30_000, maxEjectMs: 300_000, maxShare: 0.5 }

const targetsOf = (count: number): Target[] =>
  Array.from({ length: count }, (_, i) => ({ id: `t${i}`, url: `http://t${i}`, weight: 1, tier: 0, tags: [], labels: {} }))

const ok: Outcome = { kind: 'response', status: 200 }
const broken: Outcome = { kind: 'response', status: 500 }

/** A group whose only gate is the ejector. */
function group(count: number, more: Partial<EjectorOptions> = {}) {
  const targets = targetsOf(count)
  const ejector: Ejector = new Ejector(
    targets,
    { ...options, ...more },
    seededRandom(1),
    (target, now) => ejector.refusal(target, now) === undefined
  )
  const tell = (target: Target, outcome: Outcome, now: number, latencyMs = 10) => {
    const attempt: Attempt = { target, startedAt: now - latencyMs, answeredAt: now, endedAt: now, outcome, headers: {} }
    ejector.judged(attempt, judge(outcome), now)
    ejector.ended(attempt)
  }
  const out = (now: number) => targets.filter(target => ejector.refusal(target, now) !== undefined).map(({ id }) => id)
  return { targets, ejector, tell, out }
}

test('failures in a row eject, and a success between them does not', () => {
  const { targets, ejector, tell, out } = group(2)
  const [one] = targets as [Target, Target]
  for (let i = 0; i < 4; i++) tell(one, broken, i)
  tell(one, ok, 4)
  for (let i = 5; i < 9; i++) tell(one, broken, i)
  assert.deepEqual(out(9), [])
  tell(one, broken, 9)
  assert.deepEqual(out(9), ['t0'])
  assert.match(ejector.refusal(one, 9) ?? '', /5 failures in a row/)
})

test('an ejection ends by itself, the next is longer, and none is longer than the cap', () => {
  const { targets, ejector, tell, out } = group(2, { maxEjectMs: 60_000 })
  const [one] = targets as [Target, Target]
  let now = 0
  const lengths: number[] = []
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 5; i++) tell(one, broken, now)
    lengths.push((ejector.ejectedUntil(one) ?? now) - now)
    now = ejector.ejectedUntil(one) ?? now
    assert.deepEqual(out(now), [])
  }
  const [first = 0, second = 0, third = 0, fourth = 0] = lengths
  assert.ok(first >= 27_000 && first <= 33_000, `${first}`)
  assert.ok(second >= 54_000 && second <= 66_000, `${second}`)
  assert.ok(third <= 66_000 && fourth <= 66_000, `${third} ${fourth}`)
})

test('neither the last usable target nor more than maxShare is taken', () => {
  const single = group(1)
  for (let i = 0; i < 20; i++) single.tell(single.targets[0] as Target, broken, i)
  assert.deepEqual(single.out(20), [])
  for (const [count, most] of [
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2]
  ] as const) {
    const many = group(count)
    for (const target of many.targets) for (let i = 0; i < 10; i++) many.tell(target, broken, i)
    assert.equal(many.out(10).length, most, `${count} targets`)
  }
})

const unreachable: Outcome = { kind: 'failure', reason: 'refused', sent: false }

test('an active check that passes brings a target back at once that was out of reach', () => {
  const { targets, ejector, tell, out } = group(2)
  const [one] = targets as [Target, Target]
  for (let i = 0; i < 5; i++) tell(one, unreachable, i)
  assert.deepEqual(out(4), ['t0'])
  ejector.passedCheck(one, 5)
  assert.deepEqual(out(5), [])
})

test('a check that passes says nothing of a target that answers with errors', () => {
  const { targets, ejector, tell, out } = group(2)
  const [one] = targets as [Target, Target]
  tell(one, unreachable, 0)
  for (let i = 1; i < 5; i++) tell(one, broken, i)
  ejector.passedCheck(one, 5)
  assert.deepEqual(out(5), ['t0'])
  ejector.readmit(one, 6)
  assert.deepEqual(out(6), [])
})

test('a target whose attempts are overtaken by hedges is out, though it never fails', () => {
  const { targets, tell, out } = group(3)
  for (let now = 0; now < 2000; now += 100) {
    targets.forEach((target, index) => {
      tell(target, index === 0 ? { kind: 'aborted', overtaken: true } : ok, now)
    })
  }
  assert.deepEqual(out(2000), ['t0'])
})

test('a target that others overtake every time is out after half a second, whatever it did before', () => {
  const { targets, ejector, tell, out } = group(3)
  const [slow] = targets as [Target]
  for (let now = 0; now < 5000; now += 10) for (const target of targets) tell(target, ok, now)
  for (let i = 0; i < 4; i++) tell(slow, { kind: 'aborted', overtaken: true }, 5100 + i * 100, 20)
  tell(slow, { kind: 'aborted', overtaken: true }, 5579, 20)
  assert.deepEqual(out(5579), [], 'not yet')
  tell(slow, { kind: 'aborted', overtaken: true }, 5580, 20)
  assert.deepEqual(out(5580), ['t0'])
  assert.match(ejector.refusal(slow, 5580) ?? '', /overtook 6 attempts in a row/)
})

test('a target that pauses for a moment is not out for it', () => {
  const { targets, tell, out } = group(3)
  const [one] = targets as [Target]
  for (let now = 0; now < 5000; now += 10) {
    const pauses = now % 1000 < 200
    for (const target of targets) tell(target, pauses && target === one ? { kind: 'aborted', overtaken: true } : ok, now, 20)
    assert.deepEqual(out(now), [])
  }
})

test('answers that break off after they began are failures in a row, though each began well', () => {
  const { targets, ejector, out } = group(2)
  const [one] = targets as [Target]
  for (let i = 0; i < 5; i++) {
    const attempt: Attempt = { target: one, startedAt: i, answeredAt: i, endedAt: undefined, outcome: ok, headers: {} }
    ejector.judged(attempt, 'success', i)
    const broken: Attempt = { ...attempt, endedAt: i, outcome: { kind: 'failure', reason: 'reset', sent: true } }
    ejector.judged(broken, 'failure', i)
    ejector.ended(broken)
  }
  assert.deepEqual(out(5), ['t0'])
})

test('hedges that win everywhere alike eject nobody', () => {
  const { targets, tell, out } = group(3)
  for (let now = 0; now < 2000; now += 50)
    for (const target of targets) tell(target, now % 100 === 0 ? { kind: 'aborted', overtaken: true } : ok, now)
  assert.deepEqual(out(2000), [])
})

test('a client that leaves is nobody’s failure', () => {
  const { targets, tell, out } = group(2)
  for (let i = 0; i < 50; i++) tell(targets[0] as Target, { kind: 'aborted' }, i)
  assert.deepEqual(out(50), [])
})

for (const count of [2, 3, 4]) {
  test(`among ${count}, the one that fails 30 % of the time is found, by comparison with the rest`, () => {
    const { targets, tell, out } = group(count)
    const random = seededRandom(count)
    let now = 0
    while (now < 10_000) {
      now += 5
      targets.forEach((target, index) => {
        tell(target, index === 0 && random() < 0.3 ? broken : ok, now)
      })
    }
    assert.deepEqual(out(now), ['t0'])
  })

  test(`among ${count}, the one that takes 50 times as long is found`, () => {
    const { targets, tell, out } = group(count)
    let now = 0
    while (now < 5000) {
      now += 10
      targets.forEach((target, index) => {
        tell(target, ok, now, index === 0 ? 500 : 10)
      })
    }
    assert.deepEqual(out(now), ['t0'])
  })

  test(`among ${count} that all fail alike, none is ejected by comparison`, () => {
    const { targets, tell, out } = group(count, { consecutive: 1000 })
    const random = seededRandom(count)
    for (let now = 0; now < 10_000; now += 5) for (const target of targets) tell(target, random() < 0.4 ? broken : ok, now)
    assert.deepEqual(out(10_000), [])
  })
}
