import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { outOfReach, reach, reachAmong } from '../../../src/failover/reach.ts'
import { Gates } from '../../../src/model/gate.ts'
import type { Group } from '../../../src/model/group.ts'
import type { Target } from '../../../src/model/target.ts'
import { group, refusing } from '../fixtures/groups.ts'
import { target } from '../fixtures/targets.ts'

const [a, b, y, z] = [target('a'), target('b'), target('y'), target('z')]

/** A group whose targets stand in `out` while they are out. */
function guarded(name: string, targets: readonly Target[], out: ReadonlySet<Target>, fallback?: Group): Group {
  return group(name, targets, {
    gates: new Gates([refusing(out)]),
    candidates: [...targets, ...(fallback?.candidates ?? [])],
    ...(fallback === undefined ? {} : { fallback })
  })
}

function chain(...out: readonly Target[]) {
  const refused = new Set(out)
  const last = guarded('last', [z], refused)
  const next = guarded('next', [y], refused, last)
  return { own: guarded('own', [a, b], refused, next), next, last }
}

describe('the group that serves', () => {
  test('is the route’s own while one of its targets is open, with the list that it was made with', () => {
    const { own } = chain(a)
    const within = reach(own, own.candidates, 0)
    assert.equal(within?.group, own)
    assert.equal(within?.candidates, own.targets, 'pickers keep tables by it')
    assert.deepEqual(within?.open, [b])
  })

  test('is the next in the chain when none is left, with targets of its own', () => {
    const { own, next } = chain(a, b)
    const within = reach(own, own.candidates, 0)
    assert.deepEqual([within?.group, within?.candidates, within?.open], [next, [y], [y]])
  })

  test('is one further down when the next has none either, and nobody when no group has', () => {
    const { own, last } = chain(a, b, y)
    assert.equal(reach(own, own.candidates, 0)?.group, last)
    const { own: lost } = chain(a, b, y, z)
    assert.equal(reach(lost, lost.candidates, 0), undefined)
  })

  test('has only what a plugin left of it', () => {
    const { own, last } = chain()
    assert.deepEqual(reach(own, [b, y, z], 0)?.open, [b])
    assert.deepEqual(reach(own, [z], 0)?.group, last)
    assert.deepEqual(reach(own, [z], 0)?.open, [z])
    assert.equal(reach(own, [], 0), undefined)
  })

  test('has for an attempt that follows only those that are wanted', () => {
    const { own, next } = chain()
    assert.deepEqual(reachAmong(own, own.candidates, 0, each => each !== a)?.open, [b])
    assert.equal(reachAmong(own, own.candidates, 0, each => each !== a && each !== b)?.group, next)
    assert.equal(
      reachAmong(own, own.candidates, 0, () => false),
      undefined
    )
  })
})

describe('where no group can serve', () => {
  test('each group is asked about its own targets alone: one that is only full is named so', () => {
    const busy = { isLimit: true, name: 'limit' }
    const { own, next } = chain(a, b, y, z)
    assert.deepEqual(outOfReach(own, own.candidates, 0), { full: false }, 'own knows nothing against y and z')
    const full = group('full', [y], { gates: new Gates([refusing(new Set([y]), busy)]) })
    const first = guarded('first', [a], new Set([a]), full)
    assert.deepEqual(outOfReach(first, first.candidates, 0), { full: true })
    assert.deepEqual(outOfReach(first, [a], 0), { full: false }, 'a plugin took the full one away')
    assert.deepEqual(outOfReach(next, [], 0), { full: false })
  })

  test('the earliest moment counts at which one of them opens', () => {
    const opening = (at: number, each: Target) =>
      group('opening', [each], { gates: new Gates([refusing(new Set([each]), { admitsAt: () => at })]) })
    const fallback = opening(50, y)
    const own: Group = { ...opening(80, a), candidates: [a, y], fallback }
    assert.deepEqual(outOfReach(own, own.candidates, 0), { full: false, opensAt: 50 })
    assert.deepEqual(outOfReach(own, [a], 0), { full: false, opensAt: 80 })
  })
})
