import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constantRate, poissonRate, type Schedule } from '../../../src/load/schedule.ts'
import { seededRandom } from '../../../src/time/random.ts'

function take(schedule: Schedule, count: number): number[] {
  return Array.from({ length: count }, schedule)
}

test('a constant rate starts at once and keeps even distances', () => {
  assert.deepEqual(take(constantRate(4), 4), [0, 250, 500, 750])
})

test('a constant rate does not drift', () => {
  const last = take(constantRate(3), 3_000_001).at(-1)
  assert.equal(last, 1_000_000_000)
})

test('a Poisson rate has the mean and the deviation of an exponential distribution, and never goes back', () => {
  const starts = take(poissonRate(1000, seededRandom(7)), 50_000)
  const distances = starts.map((at, index) => at - (starts[index - 1] ?? 0))
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length
  const variance = distances.reduce((sum, distance) => sum + (distance - mean) ** 2, 0) / distances.length
  assert.ok(Math.min(...distances) >= 0)
  assert.ok(Math.abs(mean - 1) < 0.03, `mean ${mean}`)
  assert.ok(Math.abs(Math.sqrt(variance) - 1) < 0.05, `deviation ${Math.sqrt(variance)}`)
})
