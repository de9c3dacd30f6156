import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { distances, type Metric } from '../../../src/failover/distance.ts'
import type { TelemetryVector } from '../../../src/model/telemetry.ts'
import { seeded } from '../fixtures/seed.ts'

const metrics: readonly Metric[] = ['euclidean', 'mahalanobis']

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length)
  const near = actual.every((value, index) => Math.abs(value - (expected[index] ?? Number.NaN)) < 1e-9)
  assert.ok(near, `${actual}, expected ${expected}`)
}

describe('the Euclidean distance', () => {
  test('is in standard deviations of each feature', () => {
    // cpu 0, 0.2, 0.4: mean 0.2, variance 0.08/3. Latency 10, 10, 40: mean 20, variance 200.
    const cpu = Math.sqrt(0.08 / 3)
    const latency = Math.sqrt(200)
    const from = { cpu: 0, latency: 10 }
    const to = [
      { cpu: 0.2, latency: 10 },
      { cpu: 0.4, latency: 40 }
    ]
    assertClose(distances(from, to, 'euclidean'), [0.2 / cpu, Math.hypot(0.4 / cpu, 30 / latency)])
  })

  test('does not change with the unit of a feature', t => {
    const random = seeded(t, 92)
    const vectors = Array.from({ length: 9 }, () => ({ cpu: random(), latency: 100 * random() }))
    const scaled = vectors.map(({ cpu, latency }) => ({ cpu: cpu / 1000, latency: latency * 1000 }))
    for (const metric of metrics)
      assertClose(distances(scaled[0], scaled.slice(1), metric), distances(vectors[0], vectors.slice(1), metric))
  })
})

/** A cross of 2x2 points, `times` each: cpu and memory are +-1, and agree in three quarters of them. */
function cross(times: number): TelemetryVector[] {
  const corners = [
    { cpu: 1, memory: 1 },
    { cpu: 1, memory: 1 },
    { cpu: 1, memory: 1 },
    { cpu: -1, memory: -1 },
    { cpu: -1, memory: -1 },
    { cpu: -1, memory: -1 },
    { cpu: 1, memory: -1 },
    { cpu: -1, memory: 1 }
  ]
  return Array.from({ length: times }, () => corners).flat()
}

describe('the Mahalanobis distance', () => {
  test('finds what goes against the correlation further than what goes with it, as computed by hand', () => {
    // 200 points; both deviations are 1 and the correlation is (6 - 2) / 8 = 0.5, of which 1 - 5 x 2 / 200 = 0.95 is kept: r = 0.475.
    const [from, ...to] = cross(25)
    const r = 0.475
    // The inverse of [[1, r], [r, 1]] is [[1, -r], [-r, 1]] / (1 - r x r).
    const along = Math.sqrt((4 + 4 - 2 * r * 4) / (1 - r * r))
    const across = Math.sqrt(4 / (1 - r * r))
    const found = distances(from, to, 'mahalanobis')
    const opposite = to.findIndex(({ cpu, memory }) => cpu === -1 && memory === -1)
    const beside = to.findIndex(({ cpu, memory }) => cpu === 1 && memory === -1)
    assertClose([found[opposite] ?? 0, found[beside] ?? 0, found[0] ?? 0], [along, across, 0])
    const euclidean = distances(from, to, 'euclidean')
    assertClose([euclidean[opposite] ?? 0, euclidean[beside] ?? 0], [Math.sqrt(8), 2])
  })

  test('is the Euclidean one as long as there are too few points to know a correlation', () => {
    const [from, ...to] = cross(1)
    assertClose(distances(from, to, 'mahalanobis'), distances(from, to, 'euclidean'))
  })

  test('stays finite where two features are one and the same', () => {
    const vectors = Array.from({ length: 100 }, (_, index) => ({ cpu: index / 100, memory: index / 100, inFlight: index % 7 }))
    const found = distances(vectors[0], vectors.slice(1), 'mahalanobis')
    assert.ok(found.every(distance => Number.isFinite(distance) && distance > 0))
  })
})

for (const metric of metrics) {
  describe(`both distances, the ${metric}:`, () => {
    test('leave out a feature that one of them does not say', () => {
      const to = [
        { cpu: 0.5, memory: 0.9 },
        { cpu: 0.8, latency: 3 }
      ]
      const without = to.map(({ cpu }) => ({ cpu }))
      assertClose(distances({ cpu: 0.5, memory: 0.1 }, to, metric), distances({ cpu: 0.5 }, without, metric))
    })

    test('leave out a feature that is the same for all, which makes the others no worse', t => {
      const random = seeded(t, 93)
      const vectors = Array.from({ length: 60 }, () => ({ cpu: random(), latency: 10 * random() }))
      const more = vectors.map(vector => ({ ...vector, memory: 0.1 }))
      assertClose(distances(more[0], more.slice(1), metric), distances(vectors[0], vectors.slice(1), metric))
    })

    test('are the same for all where nothing is known, or nothing differs', () => {
      const one = { cpu: 0.5 }
      assert.deepEqual(distances(undefined, [one, { cpu: 0.9 }], metric), [0, 0])
      assert.deepEqual(distances(one, [one, undefined], metric), [0, 0])
      assert.deepEqual(distances({ cpu: 0.5 }, [{ memory: 0.5 }, { latency: 1 }], metric), [0, 0])
      assert.deepEqual(distances(one, [one, one, one], metric), [0, 0, 0])
      assert.deepEqual(distances(one, [], metric), [])
    })

    test('are nothing to a twin, and more to one that is further the same way', () => {
      const found = distances({ cpu: 0.1 }, [{ cpu: 0.1 }, { cpu: 0.3 }, { cpu: 0.9 }], metric)
      assert.equal(found[0], 0)
      assert.ok((found[1] ?? 0) > 0 && (found[2] ?? 0) > (found[1] ?? 0))
    })
  })
}
