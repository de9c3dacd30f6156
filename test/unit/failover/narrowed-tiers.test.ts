import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultTierOptions, type Failback, Tiers } from '../../../src/failover/tiers.ts'
import { Gates } from '../../../src/model/gate.ts'
import type { Target } from '../../../src/model/target.ts'
import { refusing } from '../fixtures/groups.ts'
import { target } from '../fixtures/targets.ts'

const [a, b] = [target('a'), target('b')]
const [y, z] = [target('y', { tier: 1 }), target('z', { tier: 1 })]
const all = [a, b, y, z]

/** Tiers of a group whose gate refuses what stands in `out`; `choose` is a request for these candidates. */
function tiersOf(failback: Failback) {
  const out = new Set<Target>()
  const gates = new Gates([refusing(out)])
  const tiers = new Tiers({ ...defaultTierOptions, failback, holdMs: 1000 }, { targets: all, open: now => gates.open(all, now) })
  const choose = (candidates: readonly Target[], now: number) =>
    tiers
      .choose(candidates, gates.open(candidates, now), now, () => 0)
      .map(({ id }) => id)
      .join(' ')
  return { tiers, out, choose }
}

describe('a request that a plugin has narrowed', () => {
  for (const failback of ['delayed', 'manual'] as const) {
    test(`does not make others wait for a tier of which only its own part is out, with a ${failback} failback`, () => {
      const { tiers, out, choose } = tiersOf(failback)
      out.add(a)
      assert.equal(choose([a, y, z], 0), 'y z')
      assert.deepEqual(tiers.held(), [])
      assert.equal(choose(all, 1), 'b')
      out.delete(a)
      assert.equal(choose([a, y, z], 2), 'a')
    })
  }

  test('sees a tier that is out as a whole, and waits for it as others do', () => {
    const { tiers, out, choose } = tiersOf('delayed')
    out.add(a).add(b)
    assert.equal(choose([a, y, z], 0), 'y z')
    out.clear()
    assert.equal(choose(all, 100), 'y z')
    assert.deepEqual(tiers.held(), [0])
    assert.equal(choose([a, y], 1099), 'y')
    assert.equal(choose([a, y], 1100), 'a')
    assert.equal(choose(all, 1101), 'a b')
  })

  test('brings a tier back no sooner because its own part of it is well', () => {
    const { out, choose } = tiersOf('delayed')
    out.add(a).add(b)
    choose(all, 0)
    out.delete(a)
    assert.equal(choose([a, y, z], 100), 'y z')
    assert.equal(choose([a, y, z], 5000), 'y z', 'half of the tier is not well')
    out.delete(b)
    assert.equal(choose([a, y, z], 5001), 'y z')
    assert.equal(choose([a, y, z], 6001), 'a')
  })
})
