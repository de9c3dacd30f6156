import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hash } from '../../../src/balance/hash.ts'
import { hashOf, mixed, Rendezvous } from '../../../src/balance/rendezvous.ts'
import type { PickContext } from '../../../src/model/picker.ts'
import type { Target } from '../../../src/model/target.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'
import { below, seeded } from '../fixtures/seed.ts'
import { weighted } from '../fixtures/targets.ts'

const idle = () => 0
const keys = Array.from({ length: 20_000 }, (_, index) => `user-${index}`)
const by = (key: string | undefined, random = seededRandom(1)): PickContext => ({ now: 0, random, retry: false, key })

function counted(targets: readonly Target[], pick: (key: string) => Target): number[] {
  const counts = targets.map(() => 0)
  for (const key of keys) counts[targets.indexOf(pick(key))]!++
  return counts
}

test('the same key goes to the same target, in whatever order the targets stand', () => {
  const targets = weighted(1, 2, 3, 1, 1)
  const picker = hash(idle)
  const another = hash(idle)
  for (const key of keys.slice(0, 1000))
    assert.equal(picker.pick(targets, by(key)), another.pick(targets.toReversed(), by(key)), key)
})

test('keys go where they went, on every gateway and in every version', () => {
  const targets = weighted(1, 1, 1)
  const picker = hash(idle)
  assert.deepEqual(
    ['user-1', 'user-2', 'user-3', '192.0.2.7'].map(key => picker.pick(targets, by(key)).id),
    ['b', 'c', 'a', 'a']
  )
})

test('keys are spread by weight', () => {
  const weights = [5, 3, 1, 0]
  const targets = weighted(...weights)
  assertDistributed(
    counted(targets, key => hash(idle).pick(targets, by(key))),
    weights
  )
})

test('addresses that follow one another are spread evenly', () => {
  const targets = weighted(1, 1, 1, 1, 1)
  const picker = hash(idle)
  const counts = targets.map(() => 0)
  for (let host = 0; host < 65_536; host++)
    counts[targets.indexOf(picker.pick(targets, by(`10.0.${host >> 8}.${host & 255}`)))]!++
  assertDistributed(counts, [1, 1, 1, 1, 1])
})

test('targets without any weight share alike', () => {
  const targets = weighted(0, 0, 0)
  assertDistributed(
    counted(targets, key => hash(idle).pick(targets, by(key))),
    [1, 1, 1]
  )
})

test('when a target goes its keys alone move, to all the others', () => {
  const targets = weighted(1, 2, 1, 3)
  const picker = hash(idle)
  const [gone, ...left] = targets
  const moved = left.map(() => 0)
  for (const key of keys) {
    const before = picker.pick(targets, by(key))
    const after = picker.pick(left, by(key))
    if (before === gone) moved[left.indexOf(after)]!++
    else assert.equal(after, before, key)
  }
  assertDistributed(moved, [2, 1, 3])
})

test('one that comes takes its share from all the others, and no other key moves', () => {
  const targets = weighted(1, 1, 1, 1)
  const picker = hash(idle)
  const [come, ...before] = targets
  for (const key of keys) {
    const now = picker.pick(targets, by(key))
    if (now !== come) assert.equal(now, picker.pick(before, by(key)), key)
  }
})

test('requests without a key are drawn by weight; an empty one is none', t => {
  const random = seeded(t, 19)
  const targets = weighted(5, 3, 1)
  for (const key of [undefined, '']) {
    const picker = hash(idle)
    const counts = targets.map(() => 0)
    for (let i = 0; i < 20_000; i++) counts[targets.indexOf(picker.pick(targets, by(key, random)))]!++
    assertDistributed(counts, [5, 3, 1])
  }
})

describe('with a bound', () => {
  /** Requests come with three keys and leave by chance. Each that is picked is within its share; answers the largest share at the end, as a multiple of the mean. */
  function crowd(random: () => number, targets: readonly Target[], bounded: number): number {
    const flying: Target[] = []
    const counts = new Map(targets.map(each => [each, 0]))
    const inFlight = (each: Target) => counts.get(each) ?? 0
    const move = (each: Target, by: number) => counts.set(each, inFlight(each) + by)
    const weights = targets.reduce((sum, { weight }) => sum + weight, 0)
    const picker = hash(inFlight, { bounded })
    for (let i = 0; i < 5000; i++) {
      if (random() < 0.48) for (const each of flying.splice(below(random, flying.length), 1)) move(each, -1)
      const picked = picker.pick(targets, by(`hot-${below(random, 3)}`))
      flying.push(picked)
      move(picked, 1)
      const most = Math.ceil((bounded * flying.length * picked.weight) / weights)
      assert.ok(inFlight(picked) <= most, `${inFlight(picked)} in flight where ${most} is the most`)
    }
    return Math.max(...targets.map(each => inFlight(each) / each.weight)) / (flying.length / weights)
  }

  for (const bounded of [1, 1.25, 2]) {
    test(`of ${bounded} no target gets more than that of its share of all`, t => {
      // Departures are by chance, and lower the bound below what came before; rounding adds less than one.
      assert.ok(crowd(seeded(t, 20), weighted(1, 1, 1, 1), bounded) < bounded * 1.5)
      assert.ok(crowd(seeded(t, 21), weighted(5, 1, 2), bounded) < bounded * 1.5)
    })
  }

  test('a key whose target is full goes to its next score, where it would go if the target were gone', () => {
    const targets = weighted(1, 1, 1)
    const busy = new Map<Target, number>()
    const bounded = hash(target => busy.get(target) ?? 0, { bounded: 1.25 })
    const free = hash(idle)
    for (const key of keys.slice(0, 300)) {
      const owner = free.pick(targets, by(key))
      busy.clear()
      assert.equal(bounded.pick(targets, by(key)), owner, 'with nothing in flight')
      busy.set(owner, 10)
      assert.equal(
        bounded.pick(targets, by(key)),
        free.pick(
          targets.filter(each => each !== owner),
          by(key)
        )
      )
    }
  })

  test('a target of weight 0 gets nothing while others have any', () => {
    const targets = weighted(0, 1)
    const picker = hash(() => 1000, { bounded: 1.25 })
    for (const key of keys.slice(0, 100)) assert.equal(picker.pick(targets, by(key)), targets[1])
  })
})

test('a request is placed by its address, or by what is said', () => {
  const request = { headers: { 'x-user': 'u1' }, search: '', path: '/orders/7', ip: '192.0.2.7' }
  assert.equal(hash(idle).key?.(request), '192.0.2.7')
  assert.equal(hash(idle, { by: 'header:x-user' }).key?.(request), 'u1')
  assert.equal(hash(idle, { by: 'path' }).key?.(request), '/orders/7')
})

test('options that say nothing are refused', () => {
  for (const options of [{ by: 'moon' }, { by: 'claim:sub' }, { bounded: 0.5 }, { bounded: Number.NaN }])
    assert.throws(() => hash(idle, options), RangeError)
})

test('mixing tells apart what differs in one bit', t => {
  const random = seeded(t, 22)
  let flipped = 0
  for (let i = 0; i < 10_000; i++) {
    const bits = below(random, 2 ** 32)
    let difference = (mixed(bits) ^ mixed(bits ^ (1 << (i % 32)))) >>> 0
    for (; difference !== 0; difference &= difference - 1) flipped++
  }
  assert.ok(Math.abs(flipped / 10_000 - 16) < 0.5, `${flipped / 10_000} bits of 32`)
})

test('with a limit that nobody keeps the highest score wins all the same', () => {
  const targets = weighted(1, 1)
  const rendezvous = new Rendezvous()
  for (const key of keys.slice(0, 50))
    assert.equal(
      rendezvous.highest(targets, hashOf(key), () => 5, 1),
      rendezvous.highest(targets, hashOf(key))
    )
})
