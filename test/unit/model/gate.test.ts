import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Gates } from '../../../src/model/gate.ts'
import type { Target } from '../../../src/model/target.ts'
import { refusing } from '../fixtures/groups.ts'
import { target } from '../fixtures/targets.ts'

const [a, b, c] = [target('a'), target('b'), target('c')]
const all = [a, b, c]

describe('the gates of a group', () => {
  test('admit a target only when every one of them does, and say why the first does not', () => {
    const gates = new Gates([
      refusing(new Set([b]), { refusal: each => (each === b ? 'one' : undefined) }),
      refusing(new Set([b, c]), { refusal: each => (each === a ? undefined : 'two') })
    ])
    assert.deepEqual(
      all.map(each => gates.refusal(each, 0)),
      [undefined, 'one', 'two']
    )
    assert.deepEqual(gates.open(all, 0), [a])
  })

  test('are not asked target by target while they are quiet', () => {
    const gate = refusing(new Set(), { quiet: true, refusal: () => assert.fail('a quiet gate is asked') })
    const gates = new Gates([gate])
    assert.equal(gates.open(all, 0), all)
    assert.equal(gates.refusal(a, 0), undefined)
  })

  test('give the list itself back when it is all of it, quiet or not', () => {
    assert.equal(new Gates([refusing(new Set())]).open(all, 0), all)
    assert.equal(new Gates([]).open(all, 0), all)
  })

  test('give the same array for the same targets, so that tables may be kept by it', () => {
    const refused = new Set<Target>([b])
    const gates = new Gates([refusing(refused)])
    const first = gates.open(all, 0)
    assert.deepEqual(first, [a, c])
    assert.equal(gates.open(all, 1), first)

    refused.delete(b)
    refused.add(a)
    assert.deepEqual(gates.open(all, 2), [b, c])
    refused.add(b)
    assert.deepEqual(gates.open(all, 3), [c], 'fewer of the same are other targets')
    refused.add(c)
    assert.deepEqual(gates.open(all, 4), [])
    refused.clear()
    assert.equal(gates.open(all, 5), all)
    assert.deepEqual(first, [a, c], 'an array that was given stays as it was')
  })

  test('keep to the list that they are asked about', () => {
    const gates = new Gates([refusing(new Set([b]))])
    assert.deepEqual(gates.open([b, c], 0), [c])
    assert.deepEqual(gates.open([a, b], 0), [a])
    assert.deepEqual(gates.open([], 0), [])
  })

  test('pass on the time, for gates that open by it', () => {
    const gates = new Gates([refusing(new Set(), { refusal: (_, now) => (now < 10 ? 'not yet' : undefined) })])
    assert.deepEqual(gates.open(all, 9), [])
    assert.equal(gates.open(all, 10), all)
  })

  test('open when the first of them that knows says so', () => {
    const gates = new Gates([
      refusing(new Set(), { admitsAt: each => (each === b ? 50 : undefined) }),
      refusing(new Set()),
      refusing(new Set(), { admitsAt: each => (each === c ? 30 : undefined) })
    ])
    assert.equal(gates.opensAt(all), 30)
    assert.equal(gates.opensAt([a, b]), 50)
    assert.equal(gates.opensAt([a]), undefined)
  })
})

describe('in panic', () => {
  const d = target('d')
  const four = [a, b, c, d]
  const doubted = new Set<Target>()
  const firm = new Set<Target>()
  const drained = new Set<Target>()
  const panicking = (panicShare: number) =>
    new Gates(
      [refusing(doubted, { ignoredInPanic: true }), refusing(firm, { refusal: each => (firm.has(each) ? 'firm' : undefined) })],
      {
        panicShare,
        targets: four,
        isDrained: each => drained.has(each)
      }
    )
  const set = (of: Set<Target>, ...targets: Target[]) => {
    of.clear()
    for (const each of targets) of.add(each)
  }

  test('what may be mistaken is ignored, what is not is heard', () => {
    set(doubted, a, b, c)
    set(firm, b)
    set(drained)
    const gates = panicking(0.5)
    assert.equal(gates.isPanicking(0), true)
    assert.deepEqual(gates.open(four, 0), [a, c, d])
    assert.deepEqual(
      four.map(each => gates.refusal(each, 0)),
      [undefined, 'firm', undefined, undefined]
    )
    assert.equal(gates.complaint(a, 0), 'refused by the test', 'it is said all the same')
  })

  test('is a group only when fewer than the share pass', () => {
    set(firm)
    set(drained)
    for (const [share, out, panic] of [
      [0.5, [a], false],
      [0.5, [a, b], false],
      [0.5, [a, b, c], true],
      [1, [a], true],
      [0, [a, b, c, d], false]
    ] as const) {
      set(doubted, ...out)
      assert.equal(panicking(share).isPanicking(0), panic, `${out.length} of four are out, ${share}`)
    }
  })

  test('drained targets are not counted, and what a firm gate refuses is', () => {
    set(doubted, a)
    set(firm)
    set(drained, b, c)
    assert.equal(panicking(0.5).isPanicking(0), false, 'one of two passes')
    set(drained, b, c, d)
    assert.equal(panicking(0.5).isPanicking(0), true, 'none of one passes')
    set(doubted)
    set(drained)
    set(firm, a, b, c)
    assert.equal(panicking(0.5).isPanicking(0), false)
  })

  test('is nobody whose gates refuse nobody', () => {
    set(doubted)
    set(firm)
    set(drained)
    const gates = panicking(1)
    assert.equal(gates.isPanicking(0), false)
    assert.equal(gates.open(four, 0), four)
  })
})

test('there is no panic as long as a fallback group can take over', () => {
  const targets = [target('a'), target('b')]
  const health = refusing(new Set(targets), { ignoredInPanic: true })
  const panic = { panicShare: 0.5, targets, isDrained: () => false }
  assert.equal(new Gates([health], panic).isPanicking(0), true)
  assert.equal(new Gates([health], { ...panic, hasFallback: () => false }).isPanicking(0), true)
  assert.equal(new Gates([health], { ...panic, hasFallback: () => true }).isPanicking(0), false)
})
