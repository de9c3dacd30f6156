import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Histogram } from '../../../src/load/histogram.ts'

describe('the histogram of durations', () => {
  test('answers zero for everything while it is empty', () => {
    const histogram = new Histogram()
    assert.deepEqual(
      [histogram.count, histogram.minMs, histogram.maxMs, histogram.meanMs, histogram.percentileMs(0.99)],
      [0, 0, 0, 0, 0]
    )
  })

  test('keeps count, smallest, largest and mean exactly', () => {
    const histogram = new Histogram()
    for (const ms of [3, 1.5, 12]) histogram.record(ms)
    assert.deepEqual([histogram.count, histogram.minMs, histogram.maxMs, histogram.meanMs], [3, 1.5, 12, 5.5])
  })

  test('is within one percent of every recorded value from a microsecond to an hour', () => {
    for (let ms = 0.001; ms < 3_600_000; ms *= 1.0173) {
      const histogram = new Histogram()
      histogram.record(ms)
      histogram.record(ms * 10)
      const error = Math.abs(histogram.percentileMs(0.5) - ms)
      // Half a microsecond is what rounding to whole microseconds can cost.
      assert.ok(error <= ms * 0.01 + 0.0005, `${ms} ms is reported as ${histogram.percentileMs(0.5)}`)
    }
  })

  test('takes percentiles by nearest rank', () => {
    const histogram = new Histogram()
    for (let ms = 1; ms <= 100; ms++) histogram.record(ms)
    for (const percent of [1, 50, 90, 99]) {
      const found = histogram.percentileMs(percent / 100)
      assert.ok(Math.abs(found - percent) <= percent * 0.01, `p${percent} is ${found}`)
    }
    assert.equal(histogram.percentileMs(1), 100)
    assert.equal(histogram.percentileMs(0), 1)
  })

  test('never reports a percentile beyond the largest value or below the smallest', () => {
    const histogram = new Histogram()
    histogram.record(1000.7)
    assert.equal(histogram.percentileMs(0.999), 1000.7)
    assert.equal(histogram.percentileMs(0.001), 1000.7)
  })

  test('counts a negative duration as zero and one of a year as the longest', () => {
    const histogram = new Histogram()
    histogram.record(-5)
    histogram.record(365 * 86_400_000)
    assert.equal(histogram.minMs, 0)
    assert.equal(histogram.percentileMs(0.5), 0)
    assert.ok(histogram.percentileMs(1) > 76 * 3_500_000)
  })
})
