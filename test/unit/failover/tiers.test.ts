import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tierLoads } from '../../../src/failover/tier-loads.ts'
import { defaultTierOptions, type Failback, Tiers } from '../../../src/failover/tiers.ts'
import type { Target } from '../../../src/model/target.ts'
import { assertDistributed, counted } from '../fixtures/chi-squared.ts'
import { below, seeded } from '../fixtures/seed.ts'
import { target } from '../fixtures/targets.ts'

describe('the loads of tiers', () => {
  const table: readonly (readonly [well: readonly number[], spill: number, loads: readonly number[]])[] = [
    [[1, 1], 1.4, [1, 0]],
    // Down to 1/1.4 of its targets the first tier takes everything.
    [[0.75, 1], 1.4, [1, 0]],
    [[0.5, 1], 1.4, [0.7, 0.3]],
    [[0.1, 1], 1.4, [0.14, 0.86]],
    [[0, 1], 1.4, [0, 1]],
    [[0, 0, 1], 1.4, [0, 0, 1]],
    [[0.25, 0.25, 1], 1.4, [0.35, 0.35, 0.3]],
    // Where all together are worth less than everything, they share it.
    [[0.25, 0.25], 1.4, [0.5, 0.5]],
    [[0.1, 0.3], 1, [0.25, 0.75]],
    [[0, 0], 1.4, [0, 0]],
    [[0.5, 1], 1, [0.5, 0.5]]
  ]
  for (const [well, spill, loads] of table) {
    test(`with ${well.join(', ')} well and a spill of ${spill} are ${loads.join(', ')}`, () => {
      const found = tierLoads(well, spill)
      assert.ok(
        found.every((load, index) => Math.abs(load - (loads[index] ?? Number.NaN)) < 1e-9),
        `${found}`
      )
    })
  }

  test('are all there is, and the lower tier’s first, whatever is well', t => {
    const random = seeded(t, 81)
    for (let i = 0; i < 2000; i++) {
      const well = Array.from({ length: 1 + below(random, 4) }, () => below(random, 11) / 10)
      const loads = tierLoads(well, 1 + random())
      const sum = loads.reduce((total, load) => total + load, 0)
      assert.ok(Math.abs(sum - (well.some(share => share > 0) ? 1 : 0)) < 1e-9)
      assert.ok(loads.every((load, index) => load >= 0 && (load === 0 || (well[index] ?? 0) > 0)))
    }
  })
})

describe('the tier of a request', () => {
  const [a, b] = [target('a'), target('b')]
  const [y, z] = [target('y', { tier: 1 }), target('z', { tier: 1 })]
  const all = [a, y, b, z]
  const never = () => assert.fail('nothing is drawn')
  const ids = (targets: readonly Target[]) => targets.map(({ id }) => id).join(' ')

  test('is the list itself where all candidates are of one, and nothing is drawn', () => {
    const open = [a, b]
    assert.equal(new Tiers().choose(open, open, 0, never), open)
  })

  test('is the lowest while enough of it is there', () => {
    assert.equal(ids(new Tiers().choose(all, all, 0, () => 0.999)), 'a b')
  })

  test('spills over in proportion when too little of it is left', t => {
    const random = seeded(t, 82)
    const tiers = new Tiers()
    const open = [a, y, z]
    const draw = () => (tiers.choose(all, open, 0, random)[0] === a ? 0 : 1)
    assertDistributed(counted(2, 20_000, draw), [0.7, 0.3])
  })

  test('is the next when nothing of it is left', () => {
    assert.equal(ids(new Tiers().choose(all, [y, z], 0, () => 0)), 'y z')
  })

  test('is given as the same list for the same targets, since pickers keep tables by it', () => {
    const tiers = new Tiers()
    assert.equal(
      tiers.choose(all, all, 0, () => 0),
      tiers.choose(all, all, 1, () => 0.5)
    )
  })

  const choose = (tiers: Tiers, open: readonly Target[], now: number) => ids(tiers.choose(all, open, now, () => 0))
  const withFailback = (failback: Failback) => new Tiers({ ...defaultTierOptions, failback, holdMs: 1000 })

  test('comes back bit by bit with a gradual failback', () => {
    const tiers = withFailback('gradual')
    assert.equal(choose(tiers, [y, z], 0), 'y z')
    assert.equal(choose(tiers, [a, y, z], 1), 'a')
    assert.deepEqual(tiers.held(), [])
  })

  test('comes back after it was well for a while with a delayed one', () => {
    const tiers = withFailback('delayed')
    assert.equal(choose(tiers, [y, z], 0), 'y z')
    assert.equal(choose(tiers, all, 100), 'y z')
    assert.deepEqual(tiers.held(), [0])
    assert.equal(choose(tiers, [a, y, z], 600), 'y z', 'half of it is not well')
    assert.equal(choose(tiers, all, 700), 'y z')
    assert.equal(choose(tiers, all, 1699), 'y z')
    assert.equal(choose(tiers, all, 1700), 'a b')
    assert.deepEqual(tiers.held(), [])
  })

  test('comes back by an operator’s word with a manual one', () => {
    const tiers = withFailback('manual')
    choose(tiers, [y, z], 0)
    assert.equal(choose(tiers, all, 1_000_000), 'y z')
    tiers.release()
    assert.equal(choose(tiers, all, 1_000_001), 'a b')
  })

  test('is one that has to wait rather than none', () => {
    const tiers = withFailback('manual')
    choose(tiers, [y, z], 0)
    assert.equal(choose(tiers, [a, b], 1), 'a b')
  })

  test('is for a retry the lowest that has a target left, but for one that has to wait', () => {
    const tiers = withFailback('manual')
    assert.equal(ids(tiers.lowest([y, b])), 'b')
    assert.equal(ids(tiers.lowest([y])), 'y')
    assert.equal(choose(tiers, all, 0), 'a b', 'what a retry leaves out is not out')
    choose(tiers, [y, z], 1)
    assert.equal(ids(tiers.lowest([b, y])), 'y')
    assert.equal(ids(tiers.lowest([b])), 'b')
  })
})
