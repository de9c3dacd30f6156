import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Cancel, VirtualScheduler } from '../../../src/time/scheduler.ts'
import { below, seeded } from '../fixtures/seed.ts'

test('virtual time stands still until it is advanced, and then runs what falls due in order', () => {
  const scheduler = new VirtualScheduler()
  const done: string[] = []
  const note = (name: string) => () => done.push(`${name} at ${scheduler.now()}`)
  scheduler.after(20, note('c'))
  scheduler.after(10, note('a'))
  scheduler.after(10, note('b'))
  assert.deepEqual(done, [])
  scheduler.advance(15)
  assert.deepEqual(done, ['a at 10', 'b at 10'])
  assert.equal(scheduler.now(), 15)
  scheduler.advance(5)
  assert.deepEqual(done, ['a at 10', 'b at 10', 'c at 20'])
})

test('what a task schedules runs within the same advance where its time comes', () => {
  const scheduler = new VirtualScheduler()
  const done: number[] = []
  const again = (): void => {
    done.push(scheduler.now())
    scheduler.after(10, again)
  }
  scheduler.after(10, again)
  scheduler.advance(45)
  assert.deepEqual(done, [10, 20, 30, 40])
})

test('what is taken back does not run, and may be taken back twice', () => {
  const scheduler = new VirtualScheduler()
  const done: string[] = []
  const cancel = scheduler.after(10, () => done.push('a'))
  scheduler.after(10, () => done.push('b'))
  cancel()
  cancel()
  scheduler.advance(10)
  assert.deepEqual(done, ['b'])
})

test('tasks run in the order of their times, then of their making, whatever is taken back', t => {
  const random = seeded(t, 5)
  const scheduler = new VirtualScheduler()
  const expected: { at: number; order: number }[] = []
  const done: number[] = []
  const cancels: Cancel[] = []
  for (let order = 0; order < 2000; order++) {
    const ms = below(random, 500)
    cancels.push(scheduler.after(ms, () => done.push(order)))
    expected.push({ at: ms, order })
  }
  const taken = new Set(expected.filter(() => random() < 0.3).map(({ order }) => order))
  for (const order of taken) cancels[order]?.()
  scheduler.advance(500)
  const left = expected
    .filter(({ order }) => !taken.has(order))
    .sort((one, other) => one.at - other.at || one.order - other.order)
  assert.deepEqual(
    done,
    left.map(({ order }) => order)
  )
})
