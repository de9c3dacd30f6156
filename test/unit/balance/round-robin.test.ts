import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { roundRobin } from '../../../src/balance/round-robin.ts'
import type { Picker } from '../../../src/model/picker.ts'
import type { Target } from '../../../src/model/target.ts'
import { below, seeded } from '../fixtures/seed.ts'
import { weighted } from '../fixtures/targets.ts'

const context = { now: 0, random: () => assert.fail('nothing is drawn'), retry: false }
const retry = { ...context, retry: true }

const picks = (picker: Picker, candidates: readonly Target[], count: number) =>
  Array.from({ length: count }, () => picker.pick(candidates, context).id)

describe('smooth weighted round robin', () => {
  test('with weights 5, 1, 1 gives a a b a c a a, period after period', () => {
    const picker = roundRobin()
    const targets = weighted(5, 1, 1)
    for (let period = 0; period < 4; period++) assert.equal(picks(picker, targets, 7).join(' '), 'a a b a c a a')
  })

  test('with equal weights goes round in the order of the configuration', () => {
    assert.equal(picks(roundRobin(), weighted(2, 2, 2), 7).join(' '), 'a b c a b c a')
  })

  test('gives everybody its weight in every period', t => {
    const random = seeded(t, 21)
    for (let i = 0; i < 50; i++) {
      const targets = weighted(...Array.from({ length: 2 + below(random, 6) }, () => 1 + below(random, 20)))
      const sum = targets.reduce((total, { weight }) => total + weight, 0)
      const sequence = picks(roundRobin(), targets, 2 * sum)
      for (const { id, weight } of targets) {
        assert.equal(sequence.slice(0, sum).filter(each => each === id).length, weight)
        assert.equal(sequence.slice(sum).filter(each => each === id).length, weight)
      }
    }
  })

  test('never takes one without weight while another has some', () => {
    assert.ok(!picks(roundRobin(), weighted(0, 1, 2), 30).includes('a'))
    assert.deepEqual(picks(roundRobin(), weighted(0), 2), ['a', 'a'])
  })

  test('takes for a retry who would be next, and does not move on', () => {
    const picker = roundRobin()
    const targets = weighted(5, 1, 1)
    const sequence: string[] = []
    for (let i = 0; i < 14; i++) {
      const next = picker.pick(targets, retry).id
      for (let j = 0; j < 3; j++) assert.equal(picker.pick(targets, retry).id, next)
      const taken = picker.pick(targets, context).id
      assert.equal(taken, next)
      sequence.push(taken)
      // The others, as after a failure of the first.
      picker.pick(
        targets.filter(({ id }) => id !== taken),
        retry
      )
    }
    assert.equal(sequence.join(' '), 'a a b a c a a a a b a c a a')
  })

  test('goes on without a target that leaves, and takes it up again without making up for what it missed', () => {
    const picker = roundRobin()
    const targets = weighted(1, 1, 1)
    const others = targets.slice(0, 2)
    picks(picker, targets, 4)
    const without = picks(picker, others, 100)
    assert.ok(Math.abs(without.filter(id => id === 'a').length - 50) <= 1)
    const back = picks(picker, targets, 12)
    for (const id of ['a', 'b', 'c']) {
      const share = back.filter(each => each === id).length
      assert.ok(Math.abs(share - 4) <= 1, `${id} is taken ${share} times of 12: ${back.join(' ')}`)
    }
  })

  test('stays fair through any coming and going', t => {
    const random = seeded(t, 22)
    for (let i = 0; i < 20; i++) {
      const picker = roundRobin()
      const targets = weighted(...Array.from({ length: 5 }, () => 1 + below(random, 5)))
      for (let j = 0; j < 500; j++) {
        const some = targets.filter(() => random() < 0.6)
        if (some.length > 0) picks(picker, some, 1 + below(random, 4))
      }
      const sum = targets.reduce((total, { weight }) => total + weight, 0)
      const sequence = picks(picker, targets, 10 * sum)
      for (const { id, weight } of targets) {
        const count = sequence.filter(each => each === id).length
        assert.ok(Math.abs(count - 10 * weight) <= 2 * targets.length, `${id} is taken ${count} times, not ${10 * weight}`)
      }
    }
  })

  test('keeps a rotation of its own for each picker', () => {
    const targets = weighted(1, 1)
    const [one, other] = [roundRobin(), roundRobin()]
    assert.equal(one.pick(targets, context).id, 'a')
    assert.equal(other.pick(targets, context).id, 'a')
  })
})
