import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { leastConnections } from '../../../src/balance/least-connections.ts'
import { twoChoices } from '../../../src/balance/two-choices.ts'
import type { Picker } from '../../../src/model/picker.ts'
import type { Target } from '../../../src/model/target.ts'
import type { Random } from '../../../src/time/random.ts'
import { assertDistributed, counted } from '../fixtures/chi-squared.ts'
import { below, seeded } from '../fixtures/seed.ts'
import { target, weighted } from '../fixtures/targets.ts'

const draws = 100_000

/** What each target has in flight, by its place. */
function loaded(targets: readonly Target[], loads: readonly number[]) {
  return (each: Target): number => loads[targets.indexOf(each)] ?? 0
}

function picked(picker: Picker, targets: readonly Target[], random: Random, count = draws): number[] {
  return counted(targets.length, count, () => targets.indexOf(picker.pick(targets, { now: 0, random, retry: false })))
}

describe('two choices', () => {
  test('never take the busiest of three, of which one of two that are drawn is always better', t => {
    const random = seeded(t, 41)
    const targets = weighted(1, 1, 1)
    for (const [loads, busiest] of [
      [[9, 0, 0], 0],
      [[1, 2, 1], 1],
      [[5, 5, 6], 2]
    ] as const) {
      const counts = picked(twoChoices(loaded(targets, loads)), targets, random, 10_000)
      assert.equal(counts[busiest], 0)
    }
  })

  test('take the less busy of the two that are drawn', t => {
    const random = seeded(t, 42)
    const targets = weighted(1, 1, 1)
    // Of the three pairs, the least busy is in two and the middle one wins the third.
    assertDistributed(picked(twoChoices(loaded(targets, [0, 1, 2])), targets, random), [2, 1, 0])
  })

  test('go by the weights while nothing is in flight', t => {
    const random = seeded(t, 43)
    for (const weights of [
      [1, 1, 1],
      [5, 1, 1],
      [1, 2, 3, 4],
      [3, 1],
      [1, 0, 1]
    ]) {
      const targets = weighted(...weights)
      assertDistributed(
        picked(
          twoChoices(() => 0),
          targets,
          random
        ),
        weights
      )
    }
  })

  test('count what is in flight for a weight', () => {
    const targets = weighted(4, 1)
    const random = () => 0.5
    assert.equal(twoChoices(loaded(targets, [4, 2])).pick(targets, { now: 0, random, retry: false }), targets[0])
    assert.equal(twoChoices(loaded(targets, [8, 1])).pick(targets, { now: 0, random, retry: false }), targets[1])
  })

  test('end where one weight outweighs the others by far, or there is but one', t => {
    const random = seeded(t, 44)
    const heavy = weighted(65_535, 1, 0)
    const counts = picked(twoChoices(loaded(heavy, [1_000_000, 0, 0])), heavy, random, 5000)
    assert.ok((counts[1] ?? 0) > 0, 'the lighter one is a choice')
    assert.equal(counts[2], 0, 'one without weight is none')
    const alone = [target('alone')]
    assert.equal(twoChoices(() => 9).pick(alone, { now: 0, random, retry: false }), alone[0])
  })

  test('serve a group whose targets all have no weight', t => {
    const targets = weighted(0, 0)
    assertDistributed(
      picked(
        twoChoices(() => 0),
        targets,
        seeded(t, 45)
      ),
      [1, 1]
    )
  })
})

describe('least connections', () => {
  const pick = (targets: readonly Target[], loads: readonly number[], random: Random = () => 0) =>
    leastConnections(loaded(targets, loads)).pick(targets, { now: 0, random, retry: false }).id

  test('takes the least in flight', () => {
    const targets = weighted(1, 1, 1)
    assert.equal(pick(targets, [3, 1, 2]), 'b')
    assert.equal(pick(targets, [0, 1, 2]), 'a')
    assert.equal(pick(targets, [3, 2, 1]), 'c')
  })

  test('counts what is in flight for a weight', () => {
    const targets = weighted(3, 1)
    assert.equal(pick(targets, [2, 1]), 'a')
    assert.equal(pick(targets, [4, 1]), 'b')
  })

  test('draws among ties by weight', t => {
    const random = seeded(t, 46)
    for (const weights of [
      [1, 1, 1],
      [1, 2, 3],
      [4, 1]
    ]) {
      const targets = weighted(...weights)
      assertDistributed(
        picked(
          leastConnections(() => 0),
          targets,
          random
        ),
        weights
      )
    }
    const targets = weighted(1, 1, 2, 1)
    assertDistributed(picked(leastConnections(loaded(targets, [2, 1, 2, 1])), targets, random), [0, 1, 2, 1])
  })

  test('takes one without weight only where nothing else is left', () => {
    const targets = weighted(0, 1, 0)
    for (const random of [() => 0, () => 0.5, () => 1 - 1e-9]) {
      assert.equal(pick(targets, [0, 100, 0], random), 'b')
      assert.equal(pick(targets, [0, 0, 0], random), 'b')
      assert.equal(pick(weighted(0), [5], random), 'a')
    }
  })

  test('is never beaten by another candidate', t => {
    const random = seeded(t, 47)
    for (let i = 0; i < 1000; i++) {
      const targets = weighted(...Array.from({ length: 1 + below(random, 8) }, () => 1 + below(random, 5)))
      const loads = targets.map(() => below(random, 6))
      const id = pick(targets, loads, random)
      const load = (each: Target) => loaded(targets, loads)(each) / each.weight
      const taken = targets.find(each => each.id === id)
      assert.ok(taken !== undefined && targets.every(each => load(each) >= load(taken) - 1e-9))
    }
  })
})
