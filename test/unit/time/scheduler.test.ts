import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { type Cancel, processScheduler, VirtualScheduler } from '../../../src/time/scheduler.ts'
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

/** Keeps the process busy, so that timers are due and messages have come when it goes on. */
function busy(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

test('a process that was busy reads what came in time before it does what is due', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const socket = connect(address.port, '127.0.0.1')
  t.after(() => {
    socket.destroy()
    server.close()
  })
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[typeof socket], unknown]
  const seen: string[] = []
  socket.on('data', () => seen.push('message'))
  const done = new Promise<void>(resolve => {
    processScheduler.after(5, () => {
      seen.push('task')
      resolve()
    })
  })
  accepted.write('in time')
  busy(20)
  await done
  assert.deepEqual(seen, ['message', 'task'])
})

test('what the process’s scheduler was told to forget does not run, even when its time has come', async () => {
  const cancel = processScheduler.after(1, () => assert.fail('taken back'))
  await new Promise<void>(resolve => {
    processScheduler.after(1, resolve)
    // Both are due now; the first is taken back between its timer and its turn.
    setTimeout(cancel, 1)
    busy(10)
  })
})
