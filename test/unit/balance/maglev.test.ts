import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maglev } from '../../../src/balance/maglev.ts'
import { maglevTable, tablePlaces } from '../../../src/balance/maglev-table.ts'
import type { PickContext } from '../../../src/model/picker.ts'
import type { Target } from '../../../src/model/target.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'
import { seeded } from '../fixtures/seed.ts'
import { target, weighted } from '../fixtures/targets.ts'

const keys = Array.from({ length: 20_000 }, (_, index) => `user-${index}`)
const by = (key: string | undefined, random = seededRandom(1)): PickContext => ({ now: 0, random, retry: false, key })
const many = (count: number): Target[] => Array.from({ length: count }, (_, index) => target(`10.0.0.${index}:3000`))

function placesOf(targets: readonly Target[]): number[] {
  const counts = targets.map(() => 0)
  for (const index of maglevTable(targets)) counts[index]!++
  return counts
}

test('every place is taken, and targets have the same number of them but for one', () => {
  for (const count of [1, 2, 3, 7, 100, 1000]) {
    const counts = placesOf(many(count))
    assert.equal(
      counts.reduce((sum, each) => sum + each, 0),
      tablePlaces
    )
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${count} targets`)
  }
})

test('places go by weight', () => {
  for (const weights of [
    [5, 3, 1],
    [1, 0, 2],
    [65_535, 1]
  ]) {
    const sum = weights.reduce((total, weight) => total + weight, 0)
    for (const [index, count] of placesOf(weighted(...weights)).entries())
      assert.ok(Math.abs(count - (tablePlaces * (weights[index] ?? 0)) / sum) <= 2, `${weights}: ${count} at ${index}`)
  }
  assert.deepEqual(placesOf(weighted(0, 0)), [32_769, 32_768])
})

test('keys are spread by weight, and so are those of addresses that follow one another', () => {
  const weights = [5, 3, 1, 0]
  const targets = weighted(...weights)
  const picker = maglev(targets)
  const counts = targets.map(() => 0)
  const addresses = targets.map(() => 0)
  for (const key of keys) counts[targets.indexOf(picker.pick(targets, by(key)))]!++
  for (let host = 0; host < 65_536; host++)
    addresses[targets.indexOf(picker.pick(targets, by(`10.0.${host >> 8}.${host & 255}`)))]!++
  assertDistributed(counts, weights)
  assertDistributed(addresses, weights)
})

test('when a target is out its keys alone move, by weight to all the others', () => {
  const targets = weighted(1, 2, 1, 3)
  const picker = maglev(targets)
  const [out, ...left] = targets
  const moved = left.map(() => 0)
  for (const key of keys) {
    const before = picker.pick(targets, by(key))
    const after = picker.pick(left, by(key))
    if (before === out) moved[left.indexOf(after)]!++
    else assert.equal(after, before, key)
  }
  assertDistributed(moved, [2, 1, 3])
})

test('when one after another is out, still no key of the living moves', () => {
  const targets = many(12)
  const picker = maglev(targets)
  for (let out = 0; out < 11; out++) {
    const before = targets.slice(out)
    const after = targets.slice(out + 1)
    for (const key of keys.slice(0, 2000)) {
      const target = picker.pick(before, by(key))
      if (target !== before[0]) assert.equal(picker.pick(after, by(key)), target, `${key} with ${out + 1} out`)
    }
  }
})

test('a list made anew with one target less moves at most a few percent of the keys of the living', () => {
  const targets = many(10)
  const left = targets.slice(1)
  const before = maglev(targets)
  const after = maglev(left)
  let kept = 0
  let moved = 0
  for (const key of keys) {
    const target = before.pick(targets, by(key))
    if (target === targets[0]) continue
    if (after.pick(left, by(key)) === target) kept++
    else moved++
  }
  assert.ok(moved / (kept + moved) < 0.05, `${moved} of ${kept + moved} moved`)
})

test('one of a thousand that is left is found', () => {
  const targets = many(1000)
  const picker = maglev(targets)
  const left = targets.slice(0, 2)
  const counts = [0, 0]
  for (const key of keys.slice(0, 5000)) counts[left.indexOf(picker.pick(left, by(key)))]!++
  assertDistributed(counts, [1, 1])
})

test('targets of weight 0 serve where no other is left', () => {
  const targets = weighted(0, 1, 0)
  const picker = maglev(targets)
  const left = [targets[0]!, targets[2]!]
  const counts = [0, 0]
  for (const key of keys.slice(0, 5000)) counts[left.indexOf(picker.pick(left, by(key)))]!++
  assertDistributed(counts, [1, 1])
})

test('a candidate that the table does not know is found', () => {
  const stranger = target('stranger')
  for (const targets of [weighted(1, 1), []]) assert.equal(maglev(targets).pick([stranger], by('user-1')), stranger)
})

test('requests without a key are drawn by weight; an empty one is none', t => {
  const random = seeded(t, 23)
  const targets = weighted(5, 3, 1)
  const picker = maglev(targets)
  for (const key of [undefined, '']) {
    const counts = targets.map(() => 0)
    for (let i = 0; i < 20_000; i++) counts[targets.indexOf(picker.pick(targets, by(key, random)))]!++
    assertDistributed(counts, [5, 3, 1])
  }
})

test('a request is placed by its address, or by what is said', () => {
  const request = { headers: { cookie: 'sid=s1' }, search: '', path: '/', ip: '192.0.2.7' }
  assert.equal(maglev(weighted(1)).key?.(request), '192.0.2.7')
  assert.equal(maglev(weighted(1), 'cookie:sid').key?.(request), 's1')
  assert.throws(() => maglev(weighted(1), 'moon'), RangeError)
})
