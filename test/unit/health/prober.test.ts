import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CheckResult } from '../../../src/health/check.ts'
import type { Pace } from '../../../src/health/pace.ts'
import { Prober, type ProbeUser } from '../../../src/health/prober.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { FakeCheck, failed, passed } from './fixtures/fake-check.ts'

/** Draws from the middle, so that nothing is spread. */
const middle = () => 0.5

function probe({ pace = { interval: 4000 } as Pace, random = middle, result = passed as CheckResult | 'hangs' } = {}) {
  const scheduler = new VirtualScheduler()
  const check = new FakeCheck(scheduler.now)
  check.result = result === 'hangs' ? undefined : result
  const prober = new Prober({ check, pace, thresholds: { fall: 3, rise: 2 }, scheduler, random })
  const user = {
    attempts: 0,
    told: [] as string[],
    checked: (result: CheckResult, turned: boolean) => void user.told.push(`${result.text}${turned ? '!' : ''}`)
  }
  prober.add(user satisfies ProbeUser)
  return { scheduler, check, prober, user }
}

describe('a prober', () => {
  test('checks first nearly at once, then at some moment of the interval, then every interval', () => {
    const { scheduler, check, prober } = probe()
    prober.start()
    scheduler.advance(19_000)
    assert.deepEqual(check.gaps, [12.5, 2000, 4000, 4000, 4000, 4000])
  })

  test('does not wait longer for the first check than the interval', () => {
    const { scheduler, check, prober } = probe({ pace: { interval: 10 } })
    prober.start()
    scheduler.advance(10)
    assert.equal(check.runs[0], 5)
  })

  test('spreads: the first checks over the time before the first, the others by a tenth', () => {
    const random = seededRandom(7)
    const firsts: number[] = []
    const later: number[] = []
    for (let count = 0; count < 200; count++) {
      const { scheduler, check, prober } = probe({ random })
      prober.start()
      scheduler.advance(14_000)
      const [first = 0, , ...gaps] = check.gaps
      firsts.push(first)
      later.push(...gaps)
      prober.stop()
    }
    assert.ok(Math.min(...firsts) < 2 && Math.max(...firsts) > 23 && Math.max(...firsts) <= 25)
    assert.ok(Math.min(...later) >= 3600 && Math.max(...later) <= 4400)
    assert.ok(Math.min(...later) < 3650 && Math.max(...later) > 4350)
  })

  test('checks four times as often while the results are about to turn the status', () => {
    const { scheduler, check, prober } = probe()
    prober.start()
    scheduler.advance(2500)
    check.result = failed
    scheduler.advance(8000)
    assert.deepEqual(check.gaps.slice(2), [4000, 1000, 1000])
    assert.equal(prober.status, 'failing')
    check.result = passed
    scheduler.advance(5500)
    assert.deepEqual(check.gaps.slice(5), [4000, 1000])
    assert.equal(prober.status, 'passing')
  })

  test('is never faster than every 100 ms for that, and never slower than the interval', () => {
    for (const [interval, fast] of [
      [200, 100],
      [80, 80],
      [1000, 250]
    ] as const) {
      const { scheduler, check, prober } = probe({ pace: { interval } })
      prober.start()
      scheduler.advance(interval * 2)
      check.result = failed
      scheduler.advance(interval * 1.5)
      assert.equal(check.gaps.at(-1), fast)
    }
  })

  test('never has two checks under way, however long one takes', () => {
    const { scheduler, check, prober } = probe({ result: 'hangs' })
    prober.start()
    scheduler.advance(60_000)
    assert.equal(check.runs.length, 1)
    check.answer(passed)
    scheduler.advance(1)
    assert.equal(check.runs.length, 2)
  })

  test('waits idleInterval while no group that uses the target has traffic', () => {
    const { scheduler, check, prober, user } = probe({ pace: { interval: 1000, idleInterval: 10_000 } })
    prober.start()
    scheduler.advance(600)
    assert.equal(check.runs.length, 2)
    scheduler.advance(9800)
    assert.equal(check.runs.length, 2)
    scheduler.advance(200)
    assert.equal(check.runs.length, 3)
    user.attempts++
    scheduler.advance(10_000)
    assert.deepEqual(check.gaps.slice(2), [10_000, 10_000])
    // There was an attempt since the check before.
    scheduler.advance(1000)
    assert.equal(check.gaps.at(-1), 1000)
  })

  test('does not wait longer without traffic for a target that fails', () => {
    const { scheduler, check, prober } = probe({ pace: { interval: 1000, idleInterval: 60_000 }, result: failed })
    prober.start()
    scheduler.advance(5500)
    assert.deepEqual(check.gaps.slice(2), [1000, 1000, 1000, 1000])
  })

  test('one group with traffic is enough', () => {
    const { scheduler, check, prober } = probe({ pace: { interval: 1000, idleInterval: 60_000 } })
    let attempts = 0
    prober.add({
      get attempts() {
        return attempts++
      },
      checked() {}
    })
    prober.start()
    scheduler.advance(5500)
    assert.deepEqual(check.gaps.slice(2), [1000, 1000, 1000, 1000])
  })

  test('tells its users every result, and which one turned the status', () => {
    const { scheduler, check, prober, user } = probe()
    prober.start()
    scheduler.advance(2500)
    check.result = failed
    scheduler.advance(7000)
    assert.deepEqual(user.told, ['status 200!', 'status 200', 'status 500', 'status 500', 'status 500!'])
    prober.remove(user)
    scheduler.advance(60_000)
    assert.equal(user.told.length, 5)
  })

  test('says in words why the target is not well', () => {
    const { scheduler, check, prober } = probe({ result: failed })
    assert.equal(prober.trouble, 'not checked yet')
    prober.start()
    scheduler.advance(500)
    assert.equal(prober.trouble, '1 check failed: status 500')
    scheduler.advance(6000)
    assert.equal(prober.trouble, '3 checks failed, the last: status 500')
    check.result = passed
    scheduler.advance(4000)
    assert.equal(prober.trouble, 'passes again, 1 of 2 checks')
    scheduler.advance(1000)
    assert.equal(prober.trouble, undefined)
  })

  test('stopped, it gives up the check that is under way and begins no other', () => {
    const { scheduler, check, prober, user } = probe({ result: 'hangs' })
    prober.start()
    scheduler.advance(500)
    prober.stop()
    assert.deepEqual([check.givenUp, check.closed], [1, true])
    check.answer(passed)
    scheduler.advance(60_000)
    assert.deepEqual([check.runs.length, user.told], [1, []])
  })

  test('may be stopped by somebody who hears of a result', () => {
    const { scheduler, check, prober } = probe({ result: 'hangs' })
    prober.add({ attempts: 0, checked: () => prober.stop() })
    prober.start()
    scheduler.advance(500)
    check.answer(passed)
    scheduler.advance(60_000)
    assert.equal(check.runs.length, 1)
  })
})
