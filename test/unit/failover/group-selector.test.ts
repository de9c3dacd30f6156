import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { first } from '../../../src/balance/first.ts'
import { roundRobin } from '../../../src/balance/round-robin.ts'
import { GroupSelector } from '../../../src/failover/group-selector.ts'
import { Nearest } from '../../../src/failover/nearest.ts'
import { Tiers } from '../../../src/failover/tiers.ts'
import type { PickContext } from '../../../src/model/picker.ts'
import type { Target } from '../../../src/model/target.ts'
import type { TelemetryView } from '../../../src/model/telemetry.ts'
import { seeded } from '../fixtures/seed.ts'
import { target } from '../fixtures/targets.ts'

const [a, b, c, d] = [target('a'), target('b'), target('c'), target('d')]
const [y, z] = [target('y', { tier: 1 }), target('z', { tier: 1 })]
const cpu: Record<string, number> = { a: 0.1, b: 0.2, c: 0.8, d: 0.9, y: 0.1, z: 0.2 }
const telemetry: TelemetryView = {
  latest: ({ id }) => ({ cpu: cpu[id] ?? 0 }),
  lastHealthy: ({ id }) => ({ cpu: cpu[id] ?? 0 })
}
const nearest = (k = 1) => new Nearest({ k, metric: 'euclidean' }, { telemetry, inFlight: () => 0, limitPerTarget: 0 })
const once: PickContext = { now: 0, random: () => 0, retry: false }
const again: PickContext = { ...once, retry: true }

describe('without neighbourhoods', () => {
  const selector = new GroupSelector(first(), new Tiers())

  test('the algorithm picks among what is open in the tier', () => {
    assert.equal(selector.select([y, a, b], [y, a, b], once), a)
    assert.equal(selector.select([y, a, b], [y], once), y)
  })

  test('a retry goes to the lowest tier that is left, whoever was tried', () => {
    assert.equal(selector.select([a, b, y], [y, b], again, a), b)
    assert.equal(selector.select([a, b, y], [y], again, b), y)
  })
})

describe('with neighbourhoods', () => {
  test('what a target that is out would have had goes to its neighbour, and no more', t => {
    const random = seeded(t, 104)
    const selector = new GroupSelector(roundRobin(), new Tiers(), nearest())
    const all = [a, b, c, d]
    const counts = new Map<Target, number>()
    for (let i = 0; i < 400; i++) {
      const picked = selector.select(all, [b, c, d], { now: i, random, retry: false })
      counts.set(picked, (counts.get(picked) ?? 0) + 1)
    }
    assert.deepEqual([counts.get(a), counts.get(b), counts.get(c), counts.get(d)], [undefined, 200, 100, 100])
  })

  test('a retry goes to the neighbour of the target that has just failed', () => {
    const selector = new GroupSelector(first(), new Tiers(), nearest())
    assert.equal(selector.select([a, b, c, d], [a, b, c], again, d), c)
    assert.equal(selector.select([a, b, c, d], [b, c, d], again, a), b)
  })

  test('a tier is chosen first, and its own targets are neighbours', () => {
    const selector = new GroupSelector(first(), new Tiers(), nearest())
    assert.equal(selector.select([a, b, y, z], [z], once), z)
    assert.equal(
      selector.select([a, b, y, z], [b, y, z], { ...once, random: () => 0.5 }),
      b,
      'its twin in the other tier is none'
    )
  })
})
