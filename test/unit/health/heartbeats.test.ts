import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Heartbeats } from '../../../src/health/heartbeats.ts'
import { deviationsOf } from '../../../src/health/phi-accrual.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { target } from '../fixtures/targets.ts'

const a = target('a')
const b = target('b')

function beating({ threshold = 8, pauseMs = 0 } = {}) {
  const scheduler = new VirtualScheduler()
  const gate = new Heartbeats({ threshold, pauseMs }, scheduler)
  const turns: string[] = []
  gate.onChange(({ id }, state, now) => turns.push(`${id} ${state} ${Math.round(now)}`))
  /** Beats every second for so many times, the first at once. */
  const beats = (who: typeof a, times: number, leaseMs = 60_000) => {
    for (let count = 0; count < times; count++) {
      gate.beat(who, leaseMs, scheduler.now())
      scheduler.advance(1000)
    }
  }
  const refusal = (who: typeof a) => gate.refusal(who, scheduler.now())
  return { scheduler, gate, turns, beats, refusal }
}

describe('pushed heartbeats', () => {
  test('who never beat is not judged', () => {
    const { gate, scheduler, refusal, beats } = beating()
    beats(a, 3)
    scheduler.advance(3_600_000)
    assert.equal(refusal(b), undefined)
    assert.equal(gate.heartbeatOf(b, scheduler.now()), undefined)
  })

  test('a target that beats is admitted, however long', () => {
    const { gate, beats, refusal, turns } = beating()
    beats(a, 500)
    assert.deepEqual([gate.quiet, refusal(a), turns], [true, undefined, []])
  })

  test('a silence is suspicious by the intervals of the beats before, and the text says how much', () => {
    const { gate, scheduler, beats, refusal, turns } = beating()
    beats(a, 1001)
    // A second has gone by since the last beat; the deviation is the least, 100 ms.
    const left = 100 * deviationsOf(8)
    scheduler.advance(left - 1)
    assert.deepEqual([gate.quiet, refusal(a)], [true, undefined])
    scheduler.advance(2)
    assert.equal(gate.quiet, false)
    assert.match(refusal(a) ?? '', /^heartbeat: phi 8\.\d$/)
    scheduler.advance(1000)
    assert.match(refusal(a) ?? '', /^heartbeat: phi \d\d+\.\d$/)
    assert.equal(turns.length, 1)
    assert.equal(gate.heartbeatOf(a, scheduler.now())?.silent, true)
  })

  test('a lower threshold is sooner, a pause later', () => {
    const silentAfter = (settings: Parameters<typeof beating>[0]) => {
      const { scheduler, beats, turns } = beating(settings)
      beats(a, 100)
      const before = scheduler.now()
      scheduler.advance(30_000)
      return Number(turns[0]?.split(' ')[2]) - before
    }
    const usual = silentAfter({})
    assert.ok(silentAfter({ threshold: 2 }) < usual)
    assert.ok(Math.abs(silentAfter({ pauseMs: 3000 }) - usual - 3000) <= 1)
  })

  test('a lease that runs out ends it, before any suspicion', () => {
    const { scheduler, gate, beats, refusal } = beating({ pauseMs: 30_000 })
    beats(a, 10, 3000)
    scheduler.advance(1999)
    assert.equal(gate.quiet, true)
    scheduler.advance(1)
    assert.equal(gate.quiet, false)
    assert.match(refusal(a) ?? '', /^heartbeat: phi \d+\.\d, the lease has run out$/)
  })

  test('the next beat brings it back at once, and the silence is no lesson', () => {
    const { scheduler, gate, beats, refusal, turns } = beating()
    beats(a, 100)
    scheduler.advance(50_000)
    assert.equal(gate.quiet, false)
    beats(a, 1)
    assert.deepEqual([gate.quiet, refusal(a)], [true, undefined])
    assert.deepEqual(
      turns.map(turn => turn.split(' ')[1]),
      ['failing', 'passing']
    )
    scheduler.advance(1000)
    assert.equal(gate.quiet, false)
  })

  test('a shorter lease counts from the beat that says it', () => {
    const { scheduler, gate, beats } = beating({ pauseMs: 30_000 })
    beats(a, 2, 60_000)
    gate.beat(a, 500, scheduler.now())
    scheduler.advance(500)
    assert.equal(gate.quiet, false)
  })

  test('the first silence is found among many', () => {
    const { scheduler, gate, turns } = beating()
    const targets = Array.from({ length: 50 }, (_, index) => target(`t${index}`))
    for (let second = 0; second < 60; second++) {
      for (const [index, each] of targets.entries()) if (second <= index + 3) gate.beat(each, 60_000, scheduler.now())
      scheduler.advance(1000)
    }
    const order = turns.map(turn => turn.split(' ')[0])
    assert.deepEqual(
      order,
      targets.map(({ id }) => id)
    )
  })

  test('a beat sets no timer, but for those few that make the first silence come sooner', () => {
    let timers = 0
    const after = () => {
      timers++
      return () => {}
    }
    const gate = new Heartbeats({ threshold: 8, pauseMs: 0 }, { now: () => 0, after })
    for (let now = 0; now < 100_000; now += 1000) for (const each of [a, b]) gate.beat(each, 60_000, now)
    assert.ok(timers <= 3, `${timers} for 200 beats`)
  })

  test('who is forgotten is judged no more', () => {
    const { scheduler, gate, beats, refusal } = beating()
    beats(a, 10)
    beats(b, 10)
    assert.equal(gate.quiet, false)
    gate.forget(a)
    assert.deepEqual([gate.quiet, refusal(a)], [true, undefined])
    gate.forget(b)
    scheduler.advance(60_000)
    assert.equal(gate.quiet, true)
  })

  test('beats that this process was too busy to read are waited for', () => {
    let now = 0
    const tasks: { at: number; task: () => void }[] = []
    const after = (ms: number, task: () => void) => {
      tasks.push({ at: now + ms, task })
      return () => {}
    }
    const gate = new Heartbeats({ threshold: 8, pauseMs: 0 }, { now: () => now, after })
    gate.beat(a, 2000, now)
    // The timer of 2 s comes after 20 s: what arrived meanwhile is still unread.
    now = 20_000
    tasks.shift()?.task()
    assert.equal(gate.quiet, true)
    gate.beat(b, 2000, now)
    now = tasks[0]?.at ?? 0
    tasks.shift()?.task()
    assert.deepEqual([gate.quiet, gate.refusal(b, now)], [false, undefined])
    assert.match(gate.refusal(a, now) ?? '', /lease has run out/)
  })

  test('stopped, it has no timer and refuses nobody', () => {
    const { scheduler, gate, beats, turns } = beating()
    beats(a, 10)
    gate.stop()
    scheduler.advance(60_000)
    assert.deepEqual([gate.quiet, turns], [true, []])
  })
})
