import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DueQueue } from '../../../src/time/due-queue.ts'
import { type Scheduler, VirtualScheduler } from '../../../src/time/scheduler.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'
import { Entry } from './entry.ts'

function queueOf() {
  const time = new VirtualScheduler()
  let timers = 0
  const after: Scheduler['after'] = (ms, task) => {
    timers++
    return time.after(ms, task)
  }
  return { time, queue: new DueQueue({ now: time.now, after }), timers: () => timers }
}

describe('a queue of what falls due', () => {
  test('tells each entry at its time, whatever the order in which they came', () => {
    const { time, queue } = queueOf()
    const entries = [30, 10, 20, 10].map(dueAt => new Entry(dueAt))
    for (const entry of entries) queue.add(entry)
    time.advance(100)
    assert.deepEqual(
      entries.map(({ told }) => told),
      [[30], [10], [20], [10]]
    )
  })

  test('has one timer for many that are removed in time', () => {
    const { time, queue, timers } = queueOf()
    for (let i = 0; i < 100; i++) {
      const entry = new Entry(time.now() + 50)
      queue.add(entry)
      time.advance(1)
      queue.remove(entry)
    }
    assert.ok(timers() <= 3, `${timers()} timers`)
    time.advance(1000)
    assert.ok(timers() <= 3, 'and none when nothing waits')
  })

  test('lets an entry remove another, and come back itself', () => {
    const { time, queue } = queueOf()
    const other = new Entry(10)
    const again = new Entry(25)
    const entry = new Entry(10, () => {
      queue.remove(other)
      queue.add(again)
    })
    queue.add(entry)
    queue.add(other)
    time.advance(100)
    assert.deepEqual([entry.told, other.told, again.told], [[10], [], [25]])
  })

  test('tells exactly those that are left in it, at their times', t => {
    const random = seeded(t, 9)
    const { time, queue } = queueOf()
    const entries: Entry[] = []
    const removed = new Map<Entry, number>()
    for (let i = 0; i < 2000; i++) {
      const entry = new Entry(time.now() + below(random, 40))
      entries.push(entry)
      queue.add(entry)
      if (random() < 0.5) time.advance(below(random, 4))
      const gone = oneOf(random, entries)
      queue.remove(gone)
      if (!removed.has(gone)) removed.set(gone, time.now())
    }
    time.advance(100)
    for (const entry of entries) {
      const wasRemoved = (removed.get(entry) ?? Number.POSITIVE_INFINITY) < entry.dueAt
      if (wasRemoved) assert.deepEqual(entry.told, [])
      // One that is added when its time is due, or removed in that moment, may go either way.
      else if (removed.get(entry) !== entry.dueAt) assert.deepEqual(entry.told, [entry.dueAt])
    }
  })
})
