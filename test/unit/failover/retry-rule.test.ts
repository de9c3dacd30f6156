import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { backoffMs } from '../../../src/failover/backoff.ts'
import { mayRepeat, neverSent } from '../../../src/failover/retry-rule.ts'
import type { RetryRules } from '../../../src/model/group.ts'
import type { FailureReason, Outcome } from '../../../src/model/outcome.ts'
import { aborted, answered } from '../fixtures/attempts.ts'
import { seeded } from '../fixtures/seed.ts'

const standard: RetryRules = {
  attempts: 3,
  on: new Set(['connect', 'reset', 'timeout', 502, 503, 504]),
  backoffMs: [25, 250],
  unsafe: false
}

const failure = (reason: FailureReason, sent: boolean): Outcome => ({ kind: 'failure', reason, sent })

interface Asked {
  readonly method?: string
  readonly key?: boolean
  readonly replayable?: boolean
  readonly unsafe?: RetryRules['unsafe']
  readonly on?: readonly (string | number)[]
}

function may(outcome: Outcome, { method = 'GET', key = false, replayable = true, unsafe = false, on }: Asked = {}): boolean {
  const rules = { ...standard, unsafe, ...(on === undefined ? {} : { on: new Set(on) }) }
  return mayRepeat(outcome, { method, hasIdempotencyKey: key, replayable }, rules)
}

describe('a request may be repeated', () => {
  const notSent = failure('refused', false)
  const sent = failure('reset', true)
  const columns: readonly (readonly [name: string, asked: Asked])[] = [
    ['GET', { method: 'GET' }],
    ['DELETE', { method: 'DELETE' }],
    ['POST', { method: 'POST' }],
    ['POST with a key', { method: 'POST', key: true }],
    ['POST, unsafe: idempotency-key', { method: 'POST', unsafe: 'idempotency-key' }],
    ['POST with a key, unsafe: idempotency-key', { method: 'POST', key: true, unsafe: 'idempotency-key' }],
    ['POST, unsafe: true', { method: 'POST', unsafe: true }],
    ['PATCH', { method: 'PATCH' }]
  ]
  const rows: readonly (readonly [name: string, outcome: Outcome, may: readonly boolean[]])[] = [
    ['not connected', notSent, [true, true, true, true, true, true, true, true]],
    ['not connected in time', failure('connect-timeout', false), [true, true, true, true, true, true, true, true]],
    ['not trusted', failure('tls', false), [true, true, true, true, true, true, true, true]],
    ['reset before anything was sent', failure('reset', false), [true, true, true, true, true, true, true, true]],
    ['reset', sent, [true, true, false, false, false, true, true, false]],
    ['not HTTP', failure('protocol', true), [true, true, false, false, false, true, true, false]],
    ['too late', failure('timeout', true), [true, true, false, false, false, true, true, false]],
    ['503', answered(503), [true, true, false, false, false, true, true, false]],
    ['500', answered(500), [false, false, false, false, false, false, false, false]],
    ['200', answered(200), [false, false, false, false, false, false, false, false]],
    ['given up', aborted, [false, false, false, false, false, false, false, false]]
  ]
  for (const [what, outcome, expected] of rows) {
    test(`after ${what}: ${
      columns
        .filter((_, index) => expected[index])
        .map(([name]) => name)
        .join('; ') || 'never'
    }`, () => {
      for (const [index, [name, asked]] of columns.entries()) assert.equal(may(outcome, asked), expected[index], name)
    })
  }

  test('only while its body can be had again, whatever happened', () => {
    for (const [name, outcome] of rows) assert.equal(may(outcome, { replayable: false, unsafe: true }), false, name)
  })

  test('only on what the rules list: reasons by their group, answers by their status', () => {
    const on = (outcome: Outcome, ...list: (string | number)[]) => may(outcome, { on: list })
    for (const reason of ['refused', 'connect-timeout', 'tls', 'protocol'] as const) {
      assert.equal(on(failure(reason, false), 'connect'), true, reason)
      assert.equal(on(failure(reason, false), 'reset', 'timeout'), false, reason)
    }
    for (const reason of ['reset', 'protocol'] as const) {
      assert.equal(on(failure(reason, true), 'reset'), true, reason)
      assert.equal(on(failure(reason, true), 'connect', 'timeout'), false, reason)
    }
    assert.equal(on(failure('timeout', true), 'timeout'), true)
    assert.equal(on(failure('timeout', true), 'connect', 'reset'), false)
    assert.equal(on(answered(429), 429), true)
    assert.equal(on(answered(503), 429), false)
    assert.equal(on(answered(503)), false)
  })
})

test('only a failure before anything was sent cost the target nothing', () => {
  assert.equal(neverSent(failure('refused', false)), true)
  assert.equal(neverSent(failure('reset', true)), false)
  assert.equal(neverSent(answered(503)), false)
  assert.equal(neverSent(aborted), false)
})

describe('the wait before a retry', () => {
  test('has a ceiling that doubles from the base to the cap', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 20].map(retry => backoffMs(retry, [25, 250], () => 1))
    assert.deepEqual(ceilings, [25, 50, 100, 200, 250, 250, 250])
  })

  test('is drawn evenly from nothing up to the ceiling', t => {
    const random = seeded(t, 53)
    for (const retry of [1, 3, 9]) {
      const ceiling = backoffMs(retry, [25, 250], () => 1)
      const waits = Array.from({ length: 5000 }, () => backoffMs(retry, [25, 250], random))
      assert.ok(waits.every(wait => wait >= 0 && wait < ceiling))
      const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length
      // Four standard errors of the mean of an even distribution.
      assert.ok(Math.abs(mean - ceiling / 2) < (4 * ceiling) / Math.sqrt(12 * waits.length), `the mean is ${mean}`)
    }
  })

  test('may be none at all', () =>
    assert.equal(
      backoffMs(3, [0, 0], () => 0.9),
      0
    ))
})
