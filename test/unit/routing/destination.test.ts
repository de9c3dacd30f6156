import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestKey } from '../../../src/model/request-key.ts'
import type { Destination } from '../../../src/model/route.ts'
import { groupFor } from '../../../src/routing/destination.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'
import { group } from '../fixtures/groups.ts'
import { seeded } from '../fixtures/seed.ts'

const [one, two, three] = [group('one'), group('two'), group('three')]
const request = { headers: {}, search: '', path: '/', ip: '192.0.2.1' }

const split = (shares: readonly [number, number, number], by?: string): Destination & { kind: 'split' } => {
  const key = by === undefined ? undefined : requestKey(by)
  return {
    kind: 'split',
    shares: [
      { group: one, share: shares[0] },
      { group: two, share: shares[1] },
      { group: three, share: shares[2] }
    ],
    ...(key === undefined ? {} : { by: key })
  }
}

const never = () => assert.fail('nothing is drawn')

test('a single group is everybody’s', () => {
  assert.equal(groupFor({ kind: 'group', group: one }, request, never), one)
})

describe('a split', () => {
  test('draws each request by the shares, of which only the relation counts', t => {
    const random = seeded(t, 11)
    for (const shares of [
      [0.95, 0.05, 0],
      [3, 0, 1],
      [1, 1, 1]
    ] as const) {
      const counts = new Map([one, two, three].map(each => [each, 0]))
      for (let i = 0; i < 20_000; i++) {
        const chosen = groupFor(split(shares), request, random)
        counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
      }
      assertDistributed([...counts.values()], shares)
    }
  })

  test('has a group for every draw, up to the last below 1', () => {
    assert.equal(
      groupFor(split([0.1, 0.2, 0.7]), request, () => 0),
      one
    )
    assert.equal(
      groupFor(split([0, 1, 0]), request, () => 0),
      two
    )
    assert.equal(
      groupFor(split([0.1, 0.2, 0.7]), request, () => 1 - Number.EPSILON / 2),
      three
    )
    assert.equal(
      groupFor(split([0.3, 0.7, 0]), request, () => 1 - Number.EPSILON / 2),
      two
    )
  })

  test('without a share above 0 is an error of whoever built it', () => {
    assert.throws(() => groupFor(split([0, 0, 0]), request, () => 0), RangeError)
  })
})

describe('a split with a key', () => {
  const sticky = split([1, 1, 2], 'cookie:user')
  const from = (user: number) => ({ ...request, headers: { cookie: `a=b; user=u${user}` } })

  test('sends the same key to the same group without drawing', () => {
    for (let user = 0; user < 100; user++) {
      const first = groupFor(sticky, from(user), never)
      assert.equal(groupFor(sticky, from(user), never), first)
    }
  })

  test('spreads keys by the shares', () => {
    const counts = new Map([one, two, three].map(each => [each, 0]))
    for (let user = 0; user < 20_000; user++) {
      const chosen = groupFor(sticky, from(user), never)
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
    }
    assertDistributed([...counts.values()], [1, 1, 2])
  })

  test('moves only as many keys as a share grows by', () => {
    const before = split([90, 10, 0], 'cookie:user')
    const after = split([80, 20, 0], 'cookie:user')
    for (let user = 0; user < 1000; user++) {
      if (groupFor(before, from(user), never) === two) assert.equal(groupFor(after, from(user), never), two)
    }
  })

  test('draws a request that has none', () => {
    assert.equal(
      groupFor(sticky, request, () => 0),
      one
    )
    assert.equal(
      groupFor(sticky, request, () => 0.9),
      three
    )
  })
})
