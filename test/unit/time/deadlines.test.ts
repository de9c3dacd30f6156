import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Deadlines, sweepEveryMs } from '../../../src/time/deadlines.ts'
import { oneOf, seeded } from '../fixtures/seed.ts'
import { Entry } from './entry.ts'

const told = (entries: readonly Entry[]) => entries.map(entry => entry.told.length)

describe('a sweep', () => {
  test('tells exactly those whose time has come', () => {
    const deadlines = new Deadlines(() => 0)
    const entries = [new Entry(10), new Entry(11), new Entry(Number.POSITIVE_INFINITY), new Entry(-5)]
    for (const entry of entries) deadlines.add(entry)
    deadlines.sweep(10)
    assert.deepEqual(told(entries), [1, 0, 0, 1])
    assert.deepEqual(entries[0]?.told, [10], 'with the time of the sweep')
    deadlines.stop()
  })

  test('reads the time anew, so that an entry may be put off and brought forward', () => {
    const deadlines = new Deadlines(() => 0)
    const entry = new Entry(10)
    deadlines.add(entry)
    entry.dueAt = 20
    deadlines.sweep(15)
    assert.equal(entry.told.length, 0)
    entry.dueAt = 5
    deadlines.sweep(15)
    assert.equal(entry.told.length, 1)
    deadlines.stop()
  })

  test('lets an entry remove itself', () => {
    const deadlines = new Deadlines(() => 0)
    const entries: Entry[] = [1, 2, 3].map(dueAt => {
      const entry: Entry = new Entry(dueAt, () => deadlines.remove(entry))
      return entry
    })
    for (const entry of entries) deadlines.add(entry)
    deadlines.sweep(5)
    deadlines.sweep(6)
    assert.deepEqual(told(entries), [1, 1, 1])
  })

  test('does not tell one that another puts off or removes', () => {
    const deadlines = new Deadlines(() => 0)
    const entries: Entry[] = [1, 2, 3].map(dueAt => {
      const entry: Entry = new Entry(dueAt, () => {
        for (const other of entries) {
          if (other === entry) continue
          other.dueAt = Number.POSITIVE_INFINITY
          deadlines.remove(other)
        }
      })
      return entry
    })
    for (const entry of entries) deadlines.add(entry)
    deadlines.sweep(5)
    assert.equal(
      told(entries).reduce((sum, count) => sum + count, 0),
      1
    )
    deadlines.stop()
  })

  test('does not tell one that another only removes', () => {
    const deadlines = new Deadlines(() => 0)
    const entries: Entry[] = [1, 2].map(dueAt => {
      const entry: Entry = new Entry(dueAt, () => {
        for (const other of entries) if (other !== entry) deadlines.remove(other)
      })
      return entry
    })
    for (const entry of entries) deadlines.add(entry)
    deadlines.sweep(5)
    deadlines.stop()
    assert.equal(
      told(entries).reduce((sum, count) => sum + count, 0),
      1
    )
  })

  test('leaves what is added meanwhile for the next', () => {
    const deadlines = new Deadlines(() => 0)
    const late = new Entry(0)
    const entry: Entry = new Entry(0, () => {
      deadlines.remove(entry)
      deadlines.add(late)
    })
    deadlines.add(entry)
    deadlines.sweep(1)
    assert.equal(late.told.length, 0)
    deadlines.sweep(2)
    assert.equal(late.told.length, 1)
    deadlines.stop()
  })
})

test('an entry that is not in the list may be removed, and one that was may come back', () => {
  const deadlines = new Deadlines(() => 0)
  const [one, two, three] = [new Entry(1), new Entry(1), new Entry(1)]
  deadlines.remove(one)
  for (const entry of [one, two, three]) deadlines.add(entry)
  deadlines.remove(two)
  deadlines.remove(two)
  deadlines.sweep(1)
  assert.deepEqual(told([one, two, three]), [1, 0, 1])
  deadlines.add(two)
  deadlines.sweep(2)
  assert.deepEqual(told([one, two, three]), [2, 1, 2])
  deadlines.stop()
})

test('the list holds what was added and not removed, in whatever order that happened', t => {
  const random = seeded(t, 3)
  const deadlines = new Deadlines(() => 0)
  const entries = Array.from({ length: 20 }, () => new Entry(Number.POSITIVE_INFINITY))
  const inside = new Set<Entry>()
  for (let i = 0; i < 5000; i++) {
    const entry = oneOf(random, entries)
    if (inside.delete(entry)) deadlines.remove(entry)
    else {
      deadlines.add(entry)
      inside.add(entry)
    }
    if (i % 10 > 0) continue
    for (const each of entries) {
      each.told.length = 0
      each.dueAt = i
    }
    deadlines.sweep(i)
    for (const each of entries) assert.equal(each.told.length, inside.has(each) ? 1 : 0)
  }
  deadlines.stop()
})

test('one timer runs while something is watched, and only then', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let now = 0
  let looks = 0
  const deadlines = new Deadlines(() => {
    looks++
    return now
  })
  const pass = async (sweeps: number) => {
    for (let i = 0; i < sweeps; i++) {
      now += sweepEveryMs
      t.mock.timers.tick(sweepEveryMs)
      // What came in meanwhile is read first.
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  await pass(100)
  assert.equal(looks, 0, 'nothing is watched yet')

  const entries = [new Entry(Number.POSITIVE_INFINITY), new Entry(now + 3.5 * sweepEveryMs)]
  for (const entry of entries) deadlines.add(entry)
  await pass(3)
  assert.equal(looks, 3, 'two entries share a timer')
  assert.deepEqual(told(entries), [0, 0])
  await pass(1)
  assert.deepEqual(entries[1]?.told, [now], 'at the first sweep after its time')

  for (const entry of entries) deadlines.remove(entry)
  looks = 0
  await pass(100)
  assert.equal(looks, 1, 'the next sweep finds nothing and is the last')

  deadlines.add(new Entry(now))
  await pass(1)
  assert.equal(looks, 2, 'it starts again')
  deadlines.stop()
  await pass(100)
  assert.equal(looks, 2)
})
