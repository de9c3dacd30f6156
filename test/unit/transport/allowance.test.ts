import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Allowance } from '../../../src/transport/allowance.ts'

test('so many at once, then as many as the time brings, and never more at once than at first', () => {
  let now = 1000
  const allowance = new Allowance(3, 10, () => now)
  const taken = () => {
    let count = 0
    while (allowance.take()) count++
    return count
  }
  assert.equal(taken(), 3)
  now += 99
  assert.equal(taken(), 0)
  now += 1
  assert.equal(taken(), 1)
  now += 250
  assert.equal(taken(), 2)
  now += 3_600_000
  assert.equal(taken(), 3)
})
