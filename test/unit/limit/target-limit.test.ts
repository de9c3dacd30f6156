import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TargetLimit } from '../../../src/limit/target-limit.ts'
import { Gates } from '../../../src/model/gate.ts'
import { refusing } from '../fixtures/groups.ts'
import { target } from '../fixtures/targets.ts'

const [a, b] = [target('a'), target('b')]

test('a target gets as many at once as the limit says, and no more', () => {
  const inFlight = new Map([
    [a, 1],
    [b, 2]
  ])
  const limit = new TargetLimit(2, target => inFlight.get(target) ?? 0)
  assert.equal(limit.refusal(a), undefined)
  assert.equal(limit.refusal(b), '2 requests in flight, as many as it may have')
  inFlight.set(b, 1)
  assert.equal(limit.refusal(b), undefined)
})

test('a group whose targets have nothing against them but their number is full; one with another reason is not', () => {
  const out = new Set([a])
  const limit = new TargetLimit(1, () => 1)
  const gates = new Gates([refusing(out), limit])
  assert.deepEqual(gates.open([a, b], 0), [])
  assert.equal(gates.isFull([a, b], 0), true)
  out.add(b)
  assert.equal(gates.isFull([a, b], 0), false)
})

test('panic does not overrule it', () => {
  const health = refusing(new Set([a, b]), { ignoredInPanic: true })
  const inFlight = new Map([[a, 1]])
  const gates = new Gates([health, new TargetLimit(1, target => inFlight.get(target) ?? 0)], {
    panicShare: 0.5,
    targets: [a, b],
    isDrained: () => false
  })
  assert.equal(gates.isPanicking(0), true)
  assert.deepEqual(gates.open([a, b], 0), [b])
})
