import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProbePool } from '../../../src/balance/probe-pool.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'
import { seeded } from '../fixtures/seed.ts'

const none = () => 0

/** A pool of these loads and latencies, probed a millisecond after another. */
function pool(
  entries: readonly (readonly [load: number, latencyMs: number, failing?: boolean])[],
  weights = entries.map(() => 1)
) {
  const probes = new ProbePool(weights)
  for (const [index, [load, latencyMs, failing = false]] of entries.entries()) probes.put(index, load, latencyMs, failing, index)
  return probes
}

test('among cold targets the least latency wins, whatever their loads', () => {
  assert.equal(
    pool([
      [3, 50],
      [4, 10],
      [5, 20],
      [9, 1]
    ]).best(none),
    1
  )
})

test('of four loads the highest is hot: the quantile 2^-0.25 lies below it', () => {
  // 1, 1, 1, 2: interpolated at place 2.52 it is 1.52.
  assert.equal(
    pool([
      [1, 30],
      [1, 20],
      [1, 40],
      [2, 1]
    ]).best(none),
    1
  )
  assert.equal(
    pool([
      [2, 30],
      [2, 20],
      [2, 40],
      [2, 1]
    ]).best(none),
    3,
    'of equal loads none is hot'
  )
})

test('of two targets the one with less in flight wins, and the quicker one where they have the same', () => {
  assert.equal(
    pool([
      [1, 1],
      [0, 90]
    ]).best(none),
    1
  )
  assert.equal(
    pool([
      [1, 1],
      [1, 90]
    ]).best(none),
    0
  )
})

test('one that fails is taken only where all fail', () => {
  assert.equal(
    pool([
      [0, 1, true],
      [50, 900]
    ]).best(none),
    1
  )
  assert.equal(
    pool([
      [0, 1, true],
      [0, 2, true]
    ]).best(none),
    0
  )
})

test('one that fails does not make others hot', () => {
  // Without it the loads are 4 and 4, and none is hot.
  assert.equal(
    pool([
      [0, 1, true],
      [4, 20],
      [4, 10]
    ]).best(none),
    2
  )
})

test('equals are drawn by weight', t => {
  const random = seeded(t, 13)
  const weights = [5, 3, 1]
  const equal = pool(
    weights.map(() => [1, 10] as const),
    weights
  )
  const counts = [0, 0, 0]
  for (let i = 0; i < 20_000; i++) counts[equal.best(random)]!++
  assertDistributed(counts, weights)
})

test('a target has one entry, the latest', () => {
  const probes = new ProbePool([1, 1, 1])
  probes.put(0, 9, 9, false, 0)
  probes.put(0, 1, 1, false, 1)
  probes.put(1, 1, 2, false, 1)
  assert.equal(probes.size, 2)
  assert.equal(probes.best(none), 0)
})

test('a full pool of 16 gives up its oldest entry', () => {
  const probes = new ProbePool(new Array(100).fill(1))
  for (let index = 0; index < 17; index++) probes.put(index, 1, index, false, index)
  assert.equal(probes.size, 16)
  assert.equal(probes.best(none), 1, 'the quickest, 0, was the oldest')
})

test('an entry older than a second goes', () => {
  const probes = pool([
    [1, 1],
    [1, 2],
    [1, 3]
  ])
  probes.expire(1001)
  assert.equal(probes.size, 2)
  assert.equal(probes.best(none), 1)
  probes.expire(5000)
  assert.equal(probes.size, 0)
})

test('a pick adds to the load, until the target is hot', () => {
  const probes = pool([
    [0, 10],
    [0, 20],
    [0, 30]
  ])
  assert.equal(probes.best(none), 0)
  probes.use(0, 1, 10)
  assert.equal(probes.best(none), 1)
})

test('the oldest and the worst entry go in turns', () => {
  const probes = pool([
    [1, 10],
    [1, 20],
    [1, 90],
    [1, 30]
  ])
  probes.best(none)
  probes.dropOne()
  assert.equal(probes.best(none), 1, 'the oldest has gone')
  probes.dropOne()
  probes.dropOne()
  assert.equal(probes.size, 1)
  assert.equal(probes.best(none), 3, '2 was the worst, then 1 the oldest')
})
