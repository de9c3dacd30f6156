import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exponential } from './distributions.ts'
import type { Metrics } from './metrics.ts'
import { hedging, slowMs, slowShare, usualMs } from './scenarios/hedging.ts'

const seeds = [1, 2]

const within = (value: number, expected: number, share: number) => Math.abs(value - expected) <= share * expected
const ms = (run: Metrics, share: number) => run.latency.percentileMs(share)
const told = (run: Metrics) => {
  const percentiles = [0.5, 0.99, 0.999].map(share => `${ms(run, share).toFixed(1)} ms`).join(', ')
  return `p50, p99, p99.9: ${percentiles}; ${(run.attempts / run.asked).toFixed(4)} attempts for each request`
}

describe('every hundredth answer takes 1000 ms, all others 10 ms', () => {
  test('alone that is what one request in a hundred waits', t => {
    for (const seed of seeds) {
      const run = hedging(seed, false)
      t.diagnostic(`seed ${seed}: ${told(run)}`)
      assert.ok(within(ms(run, 0.999), slowMs, 0.01))
      assert.equal(run.attempts, run.asked)
    }
  })

  test('with a rival from the 95th percentile on, the p99.9 is that and another 10 ms, for 1 % more load', t => {
    for (const seed of seeds) {
      const run = hedging(seed, {})
      t.diagnostic(`seed ${seed}: ${told(run)}`)
      // The percentile is one of 10 ms, as precise as it is kept: 5 %.
      const tail = ms(run, 0.999)
      assert.ok(tail >= 2 * usualMs && tail <= 2.1 * usualMs, `${tail} ms with seed ${seed}`)
      // A deviation of a share of 1 % among 50,000 is 0.044 %.
      const added = run.attempts / run.asked - 1
      assert.ok(Math.abs(added - slowShare) < 0.002, `${added} with seed ${seed}`)
    }
  })

  test('both are slow for one request in 10,000', t => {
    let slow = 0
    let asked = 0
    for (const seed of seeds) {
      const run = hedging(seed, { after: '20ms' })
      asked += run.asked
      // By nearest rank: how many took longer than either of the two alone, with 1 % for the steps of the histogram.
      for (let rank = run.asked; rank > 0 && ms(run, rank / run.asked) > 0.98 * slowMs; rank--) slow++
    }
    t.diagnostic(`seeds ${seeds.join(', ')}: ${slow} of ${asked}`)
    // Expected are 10 of 100,000, and by chance hardly ever more than twice as many.
    assert.ok(slow > 0 && slow < 24, `${slow} of ${asked}`)
  })
})

test('answer times that fall off exponentially get the tail that can be computed', t => {
  const meanMs = 10
  for (const seed of seeds) {
    const run = hedging(seed, { budget: 0.2 }, random => exponential(meanMs, random))
    t.diagnostic(`seed ${seed}: ${told(run)}`)
    // The rival starts where 5 % are left, at d; from there both wait, and what is left falls twice as fast.
    const delayMs = meanMs * Math.log(1 / 0.05)
    const tail = delayMs + (meanMs / 2) * Math.log(0.05 / 0.001)
    assert.ok(within(ms(run, 0.999), tail, 0.08), `${ms(run, 0.999)} ms instead of ${tail} with seed ${seed}`)
    assert.ok(within(run.attempts / run.asked - 1, 0.05, 0.15), `${run.attempts / run.asked} with seed ${seed}`)
  }
})

test('when everything becomes slow the load grows by the budget and no more', t => {
  for (const seed of seeds) {
    const run = hedging(seed, { after: '20ms', budget: 0.05 }, (_random, now) => () => (now() > 50_000 ? slowMs : usualMs))
    t.diagnostic(`seed ${seed}: ${told(run)}`)
    const slow = run.attemptRate(51, 100) / run.goodput(52, 100)
    assert.ok(slow < 1.06 && slow > 1.04, `${slow} attempts for each request with seed ${seed}`)
  }
})
