import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AliasTable, AliasTables } from '../../../src/balance/alias-table.ts'
import { first } from '../../../src/balance/first.ts'
import { random as randomPicker } from '../../../src/balance/random.ts'
import { assertDistributed, counted } from '../fixtures/chi-squared.ts'
import { below, seeded } from '../fixtures/seed.ts'
import { weighted } from '../fixtures/targets.ts'

const draws = 100_000
const weightings = [
  [1, 1],
  [3, 1],
  [5, 1, 1],
  [1, 0, 2, 0],
  [1, 2, 3, 4, 5, 6],
  [65_535, 1, 1],
  [0.1, 0.2, 0.7]
]

describe('an alias table', () => {
  for (const weights of weightings) {
    test(`draws each index with its weight over the sum: ${weights.join(', ')}`, t => {
      const random = seeded(t, 31)
      const table = new AliasTable(weights)
      assertDistributed(
        counted(weights.length, draws, () => table.draw(random)),
        weights
      )
    })
  }

  test('draws each of several without any weight equally often', t => {
    const random = seeded(t, 32)
    const table = new AliasTable([0, 0, 0])
    assertDistributed(
      counted(3, draws, () => table.draw(random)),
      [1, 1, 1]
    )
  })

  test('never draws what has no weight, nor what is not there, whatever the source gives', t => {
    const random = seeded(t, 33)
    for (let i = 0; i < 300; i++) {
      const weights = Array.from({ length: 1 + below(random, 12) }, () => (random() < 0.4 ? 0 : below(random, 100)))
      weights[below(random, weights.length)] = 1
      const table = new AliasTable(weights)
      for (let column = 0; column < weights.length; column++) {
        // The least and the most that fall into a column, and something between.
        for (const part of [0, 0.5, 1 - 1e-9]) {
          const index = table.draw(() => (column + part) / weights.length)
          assert.ok((weights[index] ?? 0) > 0, `index ${index} of ${weights}`)
        }
      }
    }
  })

  test('asks the source once for a draw', () => {
    let asked = 0
    new AliasTable([1, 2, 3]).draw(() => {
      asked++
      return 0.99
    })
    assert.equal(asked, 1)
  })

  test('is built once for a list, and anew for another', () => {
    const tables = new AliasTables()
    const targets = weighted(1, 2)
    assert.equal(tables.of(targets), tables.of(targets))
    assert.notEqual(tables.of(targets), tables.of([...targets]))
  })
})

test('random takes each target with its weight over the sum', t => {
  const random = seeded(t, 34)
  const picker = randomPicker()
  for (const weights of weightings) {
    const targets = weighted(...weights)
    const draw = () => targets.indexOf(picker.pick(targets, { now: 0, random, retry: random() < 0.5 }))
    assertDistributed(counted(weights.length, draws, draw), weights)
  }
})

test('first takes the first, whatever its weight', () => {
  const targets = weighted(0, 9)
  const picker = first()
  const context = { now: 0, random: () => assert.fail('nothing is drawn'), retry: false }
  assert.equal(picker.pick(targets, context), targets[0])
  assert.equal(picker.pick(targets.slice(1), context), targets[1])
})
