import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultPhiOptions, deviationsOf, PhiAccrual, phiOf } from '../../../src/health/phi-accrual.ts'
import { seededRandom } from '../../../src/time/random.ts'

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`)

/** As the formula is usually written. */
function written(deviations: number): number {
  const e = Math.exp(-deviations * (1.5976 + 0.070566 * deviations * deviations))
  return deviations > 0 ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e))
}

describe('the suspicion of a silence', () => {
  test('is that of the logistic approximation', () => {
    for (let deviations = -3; deviations <= 8; deviations += 0.25) near(phiOf(deviations), written(deviations), 1e-6)
  })

  test('is near that of the normal distribution', () => {
    // -log10 of the upper tail, from tables of the normal distribution.
    for (const [deviations, phi] of [
      [0, 0.30103],
      [1, 0.79956],
      [2, 1.64302],
      [3, 2.86967]
    ] as const)
      near(phiOf(deviations), phi, 0.05)
  })

  test('grows without end and is never infinite', () => {
    let last = -1
    for (const deviations of [-50, -1, 0, 1, 5, 20, 50, 1000]) {
      const phi = phiOf(deviations)
      assert.ok(phi > last || phi === 0, `${deviations}`)
      assert.ok(Number.isFinite(phi))
      last = phi
    }
  })

  test('can be asked the other way round', () => {
    for (const phi of [0.1, 0.5, 1, 3, 8, 12, 100, 1e6]) near(phiOf(deviationsOf(phi)), phi, phi * 1e-9)
  })
})

describe('the detector', () => {
  const options = { ...defaultPhiOptions, pauseMs: 0 }

  test('begins with the expected interval give or take a quarter', () => {
    const detector = new PhiAccrual(1000, 0, options)
    near(detector.phi(1000), Math.log10(2), 1e-9)
    near(detector.phi(1250), phiOf(1), 1e-9)
    near(detector.silentAt(2), 1500, 1e-9)
  })

  test('forgets the guess with the first two beats', () => {
    const detector = new PhiAccrual(20_000, 0, options)
    detector.beat(1000)
    detector.beat(2000)
    near(detector.silentAt(0), 3000, 1e-9)
    near(detector.silentAt(1), 3100, 1e-9)
  })

  test('allows for a pause', () => {
    near(new PhiAccrual(1000, 0, { ...options, pauseMs: 3000 }).phi(4250), phiOf(1), 1e-9)
  })

  test('learns how regular the beats are, and is not touchier than the least deviation', () => {
    const detector = new PhiAccrual(1000, 0, { ...options, samples: 10 })
    for (let at = 500; at <= 10_000; at += 500) detector.beat(at)
    near(detector.phi(10_500 + 100), phiOf(1), 1e-9)
    near(detector.silentAt(deviationsOf(8)), 10_500 + 100 * deviationsOf(8), 1e-6)
  })

  test('forgets what is older than its samples, exactly', () => {
    const random = seededRandom(5)
    const detector = new PhiAccrual(1000, 0, { ...options, samples: 100, minDeviationMs: 0.001 })
    let now = 0
    const intervals: number[] = []
    for (let count = 0; count < 5000; count++) {
      const interval = Math.round(random() * 10_000)
      intervals.push(interval)
      detector.beat((now += interval))
    }
    const kept = intervals.slice(-100)
    const mean = kept.reduce((sum, each) => sum + each, 0) / 100
    const deviation = Math.sqrt(kept.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 100)
    near(detector.silentAt(0) - now, mean, 1e-6)
    near(detector.silentAt(1) - now - mean, deviation, 1e-6)
  })

  test('takes no lesson from a silence that was a failure', () => {
    const detector = new PhiAccrual(1000, 0, options)
    detector.beat(100_000, false)
    near(detector.silentAt(0), 101_000, 1e-9)
    assert.equal(detector.lastAt, 100_000)
  })
})
