import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hexSource, processRandom, seededRandom } from '../../../src/time/random.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'

describe('the seeded source', () => {
  const draws = (seed: number, count: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: count }, random)
  }

  test('draws the same for the same seed, and other things for another', () => {
    assert.deepEqual(draws(1, 100), draws(1, 100))
    assert.notDeepEqual(draws(1, 100), draws(2, 100))
  })

  test('draws from 0 to below 1', () => {
    for (const seed of [0, 1, -1, 2 ** 32 - 1, 0.5]) for (const draw of draws(seed, 10_000)) assert.ok(draw >= 0 && draw < 1)
  })

  test('draws every tenth of the range equally often', () => {
    const counts = new Array(10).fill(0)
    for (const draw of draws(42, 100_000)) counts[Math.floor(draw * 10)]++
    assertDistributed(counts, new Array(10).fill(1))
  })
})

test('the process’s source draws from 0 to below 1', () => {
  for (let i = 0; i < 1000; i++) {
    const draw = processRandom()
    assert.ok(draw >= 0 && draw < 1)
  }
})

describe('the hexadecimal source', () => {
  test('makes texts of two lower-case digits a byte', () => {
    const hex = hexSource()
    for (const bytes of [1, 4, 8, 16]) assert.match(hex(bytes), new RegExp(`^[0-9a-f]{${2 * bytes}}$`))
  })

  test('never makes the same twice, beyond what it drew at once', () => {
    const hex = hexSource(64)
    const made = new Set(Array.from({ length: 1000 }, () => hex(16)))
    assert.equal(made.size, 1000)
  })

  test('does not hand out the end of what it drew in part', () => {
    const hex = hexSource(20)
    const made = Array.from({ length: 100 }, () => hex(8))
    assert.ok(made.every(text => text.length === 16))
    assert.equal(new Set(made).size, 100)
  })
})
