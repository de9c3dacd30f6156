import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { Tiers } from '../../../src/failover/tiers.ts'
import { Gates } from '../../../src/model/gate.ts'
import type { Target } from '../../../src/model/target.ts'
import { assertDistributed, counted } from '../fixtures/chi-squared.ts'
import { refusing } from '../fixtures/groups.ts'
import { seeded } from '../fixtures/seed.ts'
import { target } from '../fixtures/targets.ts'

/** So many targets of one tier. */
const tierOf = (tier: number, count: number) => Array.from({ length: count }, (_, index) => target(`${tier}-${index}`, { tier }))

/** Draws the tiers of requests while the first so many of each tier are well. */
function assertShares(t: TestContext, sizes: readonly number[], well: readonly number[], shares: readonly number[]): void {
  const random = seeded(t, 105)
  const layers = sizes.map((size, tier) => tierOf(tier, size))
  const open = layers.flatMap((targets, tier) => targets.slice(0, well[tier]))
  const all = layers.flat()
  const tiers = new Tiers()
  const draw = () => tiers.choose(all, open, 0, random)[0]?.tier ?? Number.NaN
  assertDistributed(counted(sizes.length, 20_000, draw), shares)
}

describe('requests are shared as Envoy’s tables have it, with 1.4:', () => {
  const table: readonly (readonly [sizes: readonly number[], well: readonly number[], shares: readonly number[]])[] = [
    [
      [100, 100],
      [100, 100],
      [1, 0]
    ],
    [
      [100, 100],
      [72, 100],
      [1, 0]
    ],
    [
      [100, 100],
      [50, 100],
      [0.7, 0.3]
    ],
    [
      [100, 100],
      [25, 100],
      [0.35, 0.65]
    ],
    [
      [100, 100],
      [0, 100],
      [0, 1]
    ],
    [
      [100, 100],
      [72, 72],
      [1, 0]
    ],
    [
      [100, 100],
      [25, 25],
      [0.5, 0.5]
    ],
    [
      [4, 4, 4],
      [4, 4, 4],
      [1, 0, 0]
    ],
    [
      [4, 4, 4],
      [2, 4, 4],
      [0.7, 0.3, 0]
    ],
    [
      [4, 4, 4],
      [1, 1, 4],
      [0.35, 0.35, 0.3]
    ],
    [
      [4, 4, 4],
      [0, 0, 4],
      [0, 0, 1]
    ],
    [
      [4, 4, 4],
      [0, 1, 1],
      [0, 0.5, 0.5]
    ],
    [
      [10, 10, 10],
      [2, 1, 1],
      [0.5, 0.25, 0.25]
    ]
  ]
  for (const [sizes, well, shares] of table) {
    test(`${well.join(', ')} of ${sizes.join(', ')} well`, t => assertShares(t, sizes, well, shares))
  }
})

describe('panic', () => {
  /** A group whose health gate refuses the targets of `sick`, for as long as they stand in it. */
  function gated(
    targets: readonly Target[],
    sick: ReadonlySet<Target>,
    panicShare: number,
    more: ReadonlySet<Target> = new Set()
  ) {
    const drained = new Set<Target>()
    const gates = new Gates(
      [refusing(drained), refusing(sick, { ignoredInPanic: true, name: 'health' }), refusing(more, { name: 'breaker' })],
      { panicShare, targets, isDrained: each => drained.has(each) }
    )
    return { gates, drained }
  }
  const one = tierOf(0, 4)
  const [a, b, c, d] = one as [Target, Target, Target, Target]

  test('begins below the share, not at it, and ends with the first target that is well again', () => {
    const sick = new Set([a, b])
    const { gates } = gated(one, sick, 0.5)
    assert.deepEqual(gates.open(one, 0), [c, d])
    sick.add(c)
    assert.deepEqual(gates.open(one, 0), one)
    sick.delete(a)
    assert.deepEqual(gates.open(one, 0), [a, d])
  })

  test('is never with 0, and before anybody is lost with 1', () => {
    assert.deepEqual(gated(one, new Set(one), 0).gates.open(one, 0), [])
    assert.deepEqual(gated(one, new Set([a]), 1).gates.open(one, 0), one)
  })

  test('gives way to another tier that is well', () => {
    const backup = tierOf(1, 1)
    const all = [...one, ...backup]
    const { gates } = gated(all, new Set(one), 0.5)
    assert.equal(gates.isPanicking(0), false)
    assert.deepEqual(
      new Tiers().choose(all, gates.open(all, 0), 0, () => 0),
      backup
    )
  })

  test('begins when the other tier is no longer well', () => {
    const backup = tierOf(1, 2)
    const all = [...one, ...backup]
    const { gates } = gated(all, new Set([...one, ...backup.slice(1)]), 0.5)
    assert.deepEqual(gates.open(all, 0), all)
    assert.deepEqual(
      new Tiers().choose(all, gates.open(all, 0), 0, () => 0),
      one
    )
  })

  test('does not count who is drained, nor use it', () => {
    const { gates, drained } = gated(one, new Set([a]), 0.5)
    drained.add(c).add(d)
    assert.deepEqual(gates.open(one, 0), [b], 'one of two is well')
    drained.delete(d)
    const { gates: more, drained: out } = gated(one, new Set([a, b]), 0.5)
    out.add(c)
    assert.deepEqual(more.open(one, 0), [a, b, d])
  })

  test('overrules no breaker and no limit', () => {
    const { gates } = gated(one, new Set(one), 0.5, new Set([a, b]))
    assert.deepEqual(gates.open(one, 0), [c, d])
  })
})
