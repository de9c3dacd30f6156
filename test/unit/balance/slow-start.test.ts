import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SlowStart } from '../../../src/balance/slow-start.ts'
import { target } from '../fixtures/targets.ts'

const [a, b] = [target('a'), target('b')]

test('at the start of the process all are warm', () => {
  const slow = new SlowStart(30_000)
  assert.equal(slow.quiet, true)
  assert.equal(slow.of(a, 0), 1)
})

test('one that returns takes a tenth, then its part of the window, then all', () => {
  const slow = new SlowStart(30_000)
  slow.returned(a, 1000)
  assert.equal(slow.quiet, false)
  assert.deepEqual(
    [1000, 2000, 4000, 16_000, 30_999, 31_000, 99_000].map(now => Math.round(slow.of(a, now) * 1000) / 1000),
    [0.1, 0.1, 0.1, 0.5, 1, 1, 1]
  )
})

test('the others stay warm', () => {
  const slow = new SlowStart(30_000)
  slow.returned(a, 1000)
  assert.equal(slow.of(b, 1000), 1)
})

test('it is quiet again after the last ramp, whoever is asked about', () => {
  const slow = new SlowStart(1000)
  slow.returned(a, 0)
  slow.returned(b, 500)
  slow.of(a, 1200)
  assert.equal(slow.quiet, false, 'the other still ramps')
  assert.equal(slow.of(a, 1500), 1)
  assert.equal(slow.quiet, true)
})

test('one that returns again begins anew', () => {
  const slow = new SlowStart(1000)
  slow.returned(a, 0)
  slow.returned(a, 800)
  assert.equal(slow.of(a, 900), 0.1)
  assert.equal(slow.of(a, 1300), 0.5)
  slow.of(a, 1800)
  slow.returned(a, 5000)
  assert.equal(slow.quiet, false)
  assert.equal(slow.of(a, 5500), 0.5)
})

test('a window of 0 is no slow start', () => {
  const slow = new SlowStart(0)
  slow.returned(a, 0)
  assert.equal(slow.quiet, true)
  assert.equal(slow.of(a, 0), 1)
})
