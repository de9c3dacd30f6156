import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Algorithm } from './gateway.ts'
import { bare, finagle } from './scenarios/finagle.ts'

const seeds = [1]

/** Percent of the requests that are answered within a second, as published or, where that was rounded, as rebuilt from it. */
const published: readonly (readonly [algorithm: Algorithm, percent: number, tolerance: number])[] = [
  ['round-robin', 95.45, 0.05],
  // Drawn 30,000 times, one of 11 comes 2727 times, give or take 50: 0.08 %.
  ['random', 95.45, 0.4],
  ['two-choices', 99.5, 0.1],
  ['least-connections', 99.55, 0.1],
  ['peak-ewma', 99.93, 0.1]
]

describe('one backend of 11 becomes slow for half a minute', () => {
  for (const [algorithm, percent, tolerance] of published) {
    test(`${algorithm} answers ${percent} % within a second, as published`, t => {
      for (const seed of seeds) {
        const { success } = finagle(seed, algorithm)
        t.diagnostic(`seed ${seed}: ${(100 * success).toFixed(3)} %`)
        assert.ok(Math.abs(100 * success - percent) < tolerance, `${100 * success} % with seed ${seed}`)
      }
    })
  }

  for (const algorithm of ['least-time', 'prequal'] as const) {
    test(`${algorithm}, of which nothing is published here, does better than counting what is in flight`, t => {
      for (const seed of seeds) {
        const { success } = finagle(seed, algorithm)
        t.diagnostic(`seed ${seed}: ${(100 * success).toFixed(3)} %`)
        assert.ok(success > 0.998, `${success} with seed ${seed}`)
      }
    })
  }

  test('ejection takes the slow backend out, so that even a rotation loses next to nothing', t => {
    for (const seed of seeds) {
      const { success } = finagle(seed, 'round-robin', { ...bare, outliers: {} })
      t.diagnostic(`seed ${seed}: ${(100 * success).toFixed(3)} %`)
      assert.ok(success > 0.99, `${success} with seed ${seed}`)
    }
  })
})
