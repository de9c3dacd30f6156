import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Metrics } from './metrics.ts'
import { type PrequalScale, prequal, steps } from './scenarios/prequal.ts'

const alone: PrequalScale = { replicas: 20, gateways: 1 }
const many: PrequalScale = { replicas: 20, gateways: 10 }

const p99 = (step: Metrics) => step.latency.percentileMs(0.99)
/** Of the three highest loads, from 1.41 times what the replicas are sure of. */
const overloaded = (run: readonly Metrics[]) => run.slice(-3).reduce((sum, step) => sum + p99(step), 0) / 3
const told = (run: readonly Metrics[]) => run.map(step => `${p99(step).toFixed(0)} ms`).join(', ')

describe('a load that rises past what the replicas are sure of', () => {
  test('makes a rotation fail as soon as replicas with busy machines cannot follow', t => {
    for (const seed of [1]) {
      const run = prequal(seed, 'round-robin', alone)
      const failed = run.map(step => 1 - step.success)
      t.diagnostic(`seed ${seed}: ${failed.map(share => `${(100 * share).toFixed(1)} %`).join(', ')} fail`)
      for (const [index, load] of steps.entries()) {
        if (load < 1) assert.equal(failed[index], 0, `at ${load} with seed ${seed}`)
        if (load > 1.2) assert.ok((failed[index] ?? 0) > 0.04, `at ${load} with seed ${seed}`)
      }
    }
  })

  for (const [scale, seeds, most] of [
    [alone, [1, 2], 0.95],
    [many, [1], 0.8]
  ] as const) {
    test(`loses no request with prequal, whose p99 is then below two-choices' and peak-ewma's, with gateways: ${scale.gateways}`, t => {
      for (const seed of seeds) {
        const run = prequal(seed, 'prequal', scale)
        t.diagnostic(`seed ${seed}: prequal ${told(run)}`)
        for (const [index, step] of run.entries()) assert.equal(step.failed, 0, `at ${steps[index]} with seed ${seed}`)
        for (const other of ['two-choices', 'peak-ewma'] as const) {
          const others = prequal(seed, other, scale)
          t.diagnostic(`seed ${seed}: ${other} ${told(others)}`)
          assert.ok(overloaded(run) < most * overloaded(others), `${other} with seed ${seed}`)
        }
      }
    })
  }
})
