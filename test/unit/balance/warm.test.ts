import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash } from '../../../src/balance/hash.ts'
import { peakEwma } from '../../../src/balance/peak-ewma.ts'
import { random as weightedRandom } from '../../../src/balance/random.ts'
import { roundRobin } from '../../../src/balance/round-robin.ts'
import { SlowStart } from '../../../src/balance/slow-start.ts'
import { twoChoices } from '../../../src/balance/two-choices.ts'
import { type Warmth, warmed } from '../../../src/balance/warm.ts'
import type { Picker } from '../../../src/model/picker.ts'
import type { Target } from '../../../src/model/target.ts'
import type { Random } from '../../../src/time/random.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'
import { seeded } from '../fixtures/seed.ts'
import { weighted } from '../fixtures/targets.ts'

/** These shares, and all of it for every other. */
function warmth(shares: ReadonlyMap<Target, number>): Warmth {
  return { quiet: false, of: target => shares.get(target) ?? 1 }
}

function counted(picker: Picker, targets: readonly Target[], random: Random, picks = 20_000): number[] {
  const counts = targets.map(() => 0)
  for (let i = 0; i < picks; i++) counts[targets.indexOf(picker.pick(targets, { now: 0, random, retry: false }))]!++
  return counts
}

test('a target takes its part of its share, the others the rest', t => {
  const targets = weighted(1, 1, 1, 1)
  const picker = warmed(weightedRandom(), warmth(new Map([[targets[0]!, 0.4]])))
  // A quarter of all by weight; of that 0.4, and the rest in thirds.
  assertDistributed(counted(picker, targets, seeded(t, 24)), [0.1, 0.3, 0.3, 0.3])
})

test('a target of an algorithm that goes by load takes no more', t => {
  const targets = weighted(1, 1)
  // The cold one has nothing in flight, and would have every pick.
  const picker = warmed(
    twoChoices(target => (target === targets[0] ? 0 : 5)),
    warmth(new Map([[targets[0]!, 0.2]]))
  )
  assertDistributed(counted(picker, targets, seeded(t, 25)), [0.2, 0.8])
})

test('the rotation of round robin stays fair among the others', t => {
  const targets = weighted(1, 1, 1)
  const picker = warmed(roundRobin(), warmth(new Map([[targets[0]!, 0]])))
  assert.deepEqual(counted(picker, targets, seeded(t, 26), 3000), [0, 1500, 1500])
})

test('nobody is refused: the last one left is taken, however cold', t => {
  const targets = weighted(1, 1, 1)
  const cold = warmth(new Map(targets.map(target => [target, 0])))
  const counts = counted(warmed(weightedRandom(), cold), targets, seeded(t, 27))
  assertDistributed(counts, [1, 1, 1])
  const [alone] = weighted(1)
  assert.equal(warmed(weightedRandom(), cold).pick([alone!], { now: 0, random: () => 0.5, retry: false }), alone)
})

test('targets that are all as cold share alike, also where they are many', t => {
  const targets = weighted(...new Array<number>(10).fill(1))
  const cold = warmth(new Map(targets.map(target => [target, 0.1])))
  assertDistributed(counted(warmed(weightedRandom(), cold), targets, seeded(t, 28)), new Array(10).fill(1))
})

test('a key that its target may not take goes where it would go without it', () => {
  const targets = weighted(1, 1, 1)
  const plain = hash(() => 0)
  const owner = plain.pick(targets, { now: 0, random: () => 0, retry: false, key: 'user-1' })
  const left = targets.filter(target => target !== owner)
  const context = { now: 0, random: () => 0.5, retry: false, key: 'user-1' }
  assert.equal(warmed(plain, warmth(new Map([[owner, 0.4]]))).pick(targets, context), plain.pick(left, context))
  assert.equal(warmed(plain, warmth(new Map([[owner, 0.6]]))).pick(targets, context), owner)
})

test('while all are warm the algorithm is asked once, with the same list', () => {
  const targets = weighted(1, 1)
  const asked: (readonly Target[])[] = []
  const picker: Picker = {
    algorithm: 'test',
    pick(candidates) {
      asked.push(candidates)
      return candidates[0]!
    }
  }
  const quiet: Warmth = {
    quiet: true,
    of() {
      throw new Error('nobody needs to ask')
    }
  }
  warmed(picker, quiet).pick(targets, { now: 0, random: () => 0, retry: false })
  assert.equal(asked.length, 1)
  assert.equal(asked[0], targets)
})

test('name, key and observer are those of the algorithm', () => {
  const slow = new SlowStart(1000)
  const keyed = hash(() => 0)
  const learning = peakEwma()
  assert.equal(warmed(keyed, slow).algorithm, 'hash')
  assert.equal(warmed(keyed, slow).key, keyed.key)
  assert.equal(warmed(learning, slow).observer, learning.observer)
  assert.ok(!('key' in warmed(learning, slow)) && !('observer' in warmed(keyed, slow)))
})
