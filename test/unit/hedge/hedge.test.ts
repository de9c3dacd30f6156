import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Hedge, type HedgeOptions, type HedgeResult } from '../../../src/hedge/hedge.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { aborted, answered, attempt, reset } from '../fixtures/attempts.ts'
import { seeded } from '../fixtures/seed.ts'
import { target } from '../fixtures/targets.ts'

const a = target('a')

function hedgeOf(options: Partial<HedgeOptions> = {}) {
  const results: HedgeResult[] = []
  const settings = { after: { quantile: 0.95 }, budget: 0.05, ...options }
  const hedge = new Hedge(settings, new VirtualScheduler(), result => void results.push(result))
  /** An attempt that came to this after so long. */
  const over = (ms: number, now: number, outcome: Outcome = answered(200)) =>
    hedge.judged(attempt(a, now - ms, outcome, now), undefined, now)
  return { hedge, results, over }
}

describe('a second attempt starts', () => {
  test('after the fixed time that was given', () => {
    assert.equal(hedgeOf({ after: { ms: 30 } }).hedge.delayMs(0), 30)
  })

  test('at the percentile of the group’s own answers, once there are enough', () => {
    const { hedge, over } = hedgeOf()
    for (let i = 0; i < 49; i++) over(10, 1000)
    assert.equal(hedge.delayMs(1000), undefined)
    over(10, 1000)
    assert.equal(hedge.delayMs(1050), undefined, 'looked up a moment ago')
    const delay = hedge.delayMs(1100) ?? 0
    assert.ok(delay >= 10 && delay <= 10.5, `${delay}`)
  })

  test('never at a percentile that broken attempts have pulled down', () => {
    const { hedge, over } = hedgeOf({ after: { quantile: 0.5 } })
    for (let i = 0; i < 100; i++) over(100, 1000)
    for (let i = 0; i < 500; i++) over(1, 1000, reset)
    assert.ok((hedge.delayMs(1000) ?? 0) >= 100)
  })

  test('at one that knows of those that were given up, which took at least so long', () => {
    const { hedge, over } = hedgeOf({ after: { quantile: 0.9 } })
    for (let i = 0; i < 80; i++) over(10, 1000)
    for (let i = 0; i < 20; i++) over(200, 1000, aborted)
    assert.ok((hedge.delayMs(1000) ?? 0) >= 200)
  })

  test('never at one that attempts have pulled down which were given up before it', () => {
    const { hedge, over } = hedgeOf({ after: { quantile: 0.5 } })
    for (let i = 0; i < 100; i++) over(100, 1000)
    assert.ok((hedge.delayMs(1000) ?? 0) >= 100)
    for (let i = 0; i < 500; i++) over(1, 1100, aborted)
    assert.ok((hedge.delayMs(1200) ?? 0) >= 100)
  })

  test('no longer at one of long ago', () => {
    const { hedge, over } = hedgeOf()
    for (let i = 0; i < 60; i++) over(10, 1000)
    assert.notEqual(hedge.delayMs(1000), undefined)
    assert.equal(hedge.delayMs(30_000), undefined)
  })
})

describe('the budget of second attempts', () => {
  test('is thirty at first, and then the share of all attempts', () => {
    const { hedge, results } = hedgeOf({ budget: 0.1 })
    for (let i = 0; i < 30; i++) assert.equal(hedge.spend(), true)
    assert.equal(hedge.spend(), false)
    assert.deepEqual(results, ['no budget'])
    for (let i = 0; i < 9; i++) hedge.started()
    assert.equal(hedge.spend(), false)
    for (let i = 0; i < 2; i++) hedge.started()
    assert.equal(hedge.spend(), true)
    assert.equal(hedge.spend(), false)
  })

  test('is never more than share x attempts + 30, whenever they are asked for', t => {
    const random = seeded(t, 108)
    for (const budget of [0, 0.05, 0.3]) {
      const { hedge } = hedgeOf({ budget })
      let attempts = 0
      let hedges = 0
      for (let i = 0; i < 20_000; i++) {
        // Calm phases save up nothing beyond the first thirty.
        const slow = Math.floor(i / 1000) % 2 === 1
        hedge.started()
        attempts++
        if (!slow || random() > 0.8 || !hedge.spend()) continue
        hedges++
        // The second attempt is one of the group's too.
        hedge.started()
        attempts++
        assert.ok(hedges <= budget * attempts + 30)
      }
      assert.ok(hedges >= Math.min(10, 0.2 * budget * attempts), `${hedges} of ${attempts}`)
    }
  })

  test('is told of what became of each', () => {
    const { hedge, results } = hedgeOf()
    hedge.settled(true)
    hedge.settled(false)
    assert.deepEqual(results, ['won', 'lost'])
  })
})
