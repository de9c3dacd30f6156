import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LatencyDigest } from '../../../src/model/latency-digest.ts'
import { below, seeded } from '../fixtures/seed.ts'

describe('percentiles of answer times', () => {
  for (const share of [0.5, 0.9, 0.95, 0.99, 0.999]) {
    test(`are within 5 % of the true one: ${share}`, t => {
      const random = seeded(t, 106)
      for (const [name, draw] of Object.entries({
        uniform: () => 1 + 100 * random(),
        exponential: () => 0.2 - 20 * Math.log(1 - random()),
        'heavy-tailed': () => 2 / (1 - random()) ** 0.8
      })) {
        const digest = new LatencyDigest(10_000)
        const times = Array.from({ length: 5000 }, draw)
        for (const ms of times) digest.add(ms, 0)
        const exact = times.sort((one, other) => one - other)[Math.ceil(share * times.length) - 1] ?? 0
        const found = digest.quantile(share, 0) ?? 0
        assert.ok(found >= exact * 0.999 && found <= exact * 1.0501, `${name}: ${found}, not ${exact}`)
      }
    })
  }

  test('are none where there was no answer', () => {
    assert.equal(new LatencyDigest(10_000).quantile(0.95, 0), undefined)
  })

  test('hold at both ends of what is told apart', () => {
    for (const [ms, least, most] of [
      [0, 0, 0.11],
      [0.01, 0, 0.11],
      [60_000, 60_000, 63_000],
      [86_400_000, 200_000, 86_400_000]
    ] as const) {
      const digest = new LatencyDigest(1000)
      digest.add(ms, 0)
      const found = digest.quantile(0.99, 0) ?? Number.NaN
      assert.ok(found >= least && found <= most, `${ms} ms is ${found}`)
    }
  })
})

describe('the window', () => {
  test('is at least half and at most all of its length, however rarely answers come', t => {
    const random = seeded(t, 107)
    for (let run = 0; run < 200; run++) {
      const digest = new LatencyDigest(1000)
      const added: number[] = []
      let now = below(random, 5000)
      for (let i = 0; i < 60; i++) {
        now += below(random, 400)
        if (random() < 0.5) {
          digest.add(10, now)
          added.push(now)
        }
        const count = digest.count(now)
        const certain = added.filter(at => now - at < 500).length
        const possible = added.filter(at => now - at <= 1000).length
        assert.ok(count >= certain && count <= possible, `${count} at ${now} of ${added}`)
      }
    }
  })

  test('forgets a slow phase', () => {
    const digest = new LatencyDigest(1000)
    for (let now = 0; now < 500; now++) digest.add(1000, now)
    for (let now = 500; now < 2000; now++) digest.add(10, now)
    assert.ok((digest.quantile(0.99, 2000) ?? 0) < 11)
    assert.equal(digest.count(10_000), 0)
    assert.equal(digest.quantile(0.99, 10_000), undefined)
  })
})
