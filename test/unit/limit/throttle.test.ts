import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Throttle } from '../../../src/limit/throttle.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { answered, attempt } from '../fixtures/attempts.ts'
import { target } from '../fixtures/targets.ts'

const a = target('a')

/** Sends a request each millisecond to targets that accept so many a second; gives the share that was refused here. */
function refusedShare(capacity: number, seconds: number, throttle = new Throttle(seededRandom(1)), from = 0): number {
  let refused = 0
  let room = 0
  for (let i = 0; i < seconds * 1000; i++) {
    const now = from + i
    room = Math.min(50, room + capacity / 1000)
    if (throttle.refuses(now)) {
      refused++
      continue
    }
    const accepted = room >= 1
    if (accepted) room--
    throttle.judged(attempt(a, now, answered(accepted ? 200 : 503)), now)
  }
  return refused / (seconds * 1000)
}

test('as long as targets accept half of what is sent, nothing is refused here', () => {
  assert.equal(refusedShare(1000, 20), 0)
  assert.ok(refusedShare(600, 20) < 0.01)
})

test('targets with room for a quarter are sent about twice that', () => {
  const refused = refusedShare(250, 60)
  assert.ok(refused > 0.4 && refused < 0.6, `${refused}`)
})

test('targets that accept nothing are sent a fifth, by which it shows soon that they have recovered', () => {
  const throttle = new Throttle(seededRandom(3))
  const refused = refusedShare(0, 20, throttle)
  assert.ok(refused > 0.7 && refused < 0.85, `${refused}`)
  refusedShare(1000, 20, throttle, 20_000)
  assert.equal(refusedShare(1000, 10, throttle, 40_000), 0)
})

test('an error that is no refusal is for the breaker', () => {
  const throttle = new Throttle(() => 0.01)
  for (let now = 0; now < 1000; now++) {
    assert.equal(throttle.refuses(now), false)
    throttle.judged(attempt(a, now, answered(500)), now)
  }
})
