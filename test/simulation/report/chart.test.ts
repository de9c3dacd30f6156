import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Chart, lineChart } from './chart.ts'
import { fixed, linear, logarithmic } from './scale.ts'

describe('an axis', () => {
  test('has about five ticks at round numbers, from 0 to beyond the most', () => {
    assert.deepEqual(linear(60).ticks, [0, 20, 40, 60])
    assert.deepEqual(linear(9.1).ticks, [0, 2, 4, 6, 8, 10])
    assert.deepEqual(linear(0.3).ticks, [0, 0.1, 0.2, 0.3])
    assert.equal(linear(9.1).place(5), 0.5)
  })

  test('may be by powers of ten, with steps between where there are few', () => {
    assert.deepEqual(logarithmic(10, 1000).ticks, [10, 20, 50, 100, 200, 500, 1000])
    assert.deepEqual(logarithmic(1, 9000).ticks, [1, 10, 100, 1000, 10_000])
    const { place } = logarithmic(10, 1000)
    assert.deepEqual([10, 100, 1000, 1].map(place), [0, 0.5, 1, 0])
  })

  test('may have given ticks and a measure of its own', () => {
    const { ticks, place } = fixed([0.9, 0.99, 0.999], share => -Math.log10(1 - share))
    assert.deepEqual(ticks, [0.9, 0.99, 0.999])
    assert.ok(Math.abs(place(0.99) - 0.5) < 1e-9)
  })
})

describe('a chart', () => {
  const chart: Chart = {
    title: 'more < less & "so"',
    x: { title: 'across', scale: linear(10) },
    y: { title: 'up', scale: linear(10), text: tick => `${tick} %` },
    lines: [
      {
        name: 'a line',
        points: [
          [0, 0],
          [10, 10]
        ]
      }
    ],
    spans: [{ from: 2, until: 4, name: 'meanwhile' }]
  }

  test('shows every name, title and tick, as text that XML takes', () => {
    const svg = lineChart(chart)
    for (const words of ['more &lt; less &amp; "so"', 'across', 'up', 'a line', 'meanwhile', '6 %'])
      assert.ok(svg.includes(`>${words}<`))
  })

  test('draws a line from corner to corner of its plot, inside the picture', () => {
    const [, x1, y1, x2, y2] = /points="([\d.]+),([\d.]+) ([\d.]+),([\d.]+)"/.exec(lineChart(chart))?.map(Number) ?? []
    assert.ok(x1 !== undefined && y1 !== undefined && x2 !== undefined && y2 !== undefined)
    assert.ok(x1 < x2 && x2 < 760 && y2 < y1 && y2 > 0 && y1 < 380)
  })
})
