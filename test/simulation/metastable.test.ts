import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { capacityPerSecond, type Defence, metastable, offeredPerSecond } from './scenarios/metastable.ts'

const seeds = [1]
/** Well after the outage, which ends at 40 s. */
const later = [45, 119] as const

/** Each seed's run is looked at by the same eyes. */
function everySeed(defence: Defence, look: (run: ReturnType<typeof metastable>, seed: string) => string): void {
  test(`with ${defence}`, t => {
    for (const seed of seeds) t.diagnostic(`seed ${seed}: ${look(metastable(seed, defence), `with seed ${seed}`)}`)
  })
}

const persecond = (rate: number) => `${rate.toFixed(0)}/s`

describe('after an outage of 10 s a service at 93 % of its capacity never answers in time again', () => {
  const sustained: readonly (readonly [defence: Defence, attemptsForEach: number])[] = [
    // It would double the load if a target that did not answer in time were asked the same again.
    ['one retry, whatever happens', 1],
    ['no retries', 1],
    ['one retry within a budget of 10 %', 1.1]
  ]
  for (const [defence, attemptsForEach] of sustained) {
    everySeed(defence, (run, seed) => {
      const attempts = run.attemptRate(...later)
      assert.ok(run.goodput(0, 30) > 0.97 * offeredPerSecond, `good before the outage, ${seed}`)
      assert.equal(run.goodput(...later), 0, `no good answer, ${seed}`)
      assert.ok(attempts > 0.9 * attemptsForEach * offeredPerSecond && attempts < 1.1 * attemptsForEach * offeredPerSecond, seed)
      return `${persecond(attempts)} sent, ${persecond(run.goodput(...later))} answered`
    })
  }
})

describe('it is back within seconds where what would be too late is not sent', () => {
  const recovered: readonly (readonly [defence: Defence, by: number])[] = [
    ['a fixed limit of 60 under way', 45],
    ['an adaptive limit', 45],
    ['a breaker', 55],
    ['everything as it is when nothing is configured', 55]
  ]
  for (const [defence, by] of recovered) {
    everySeed(defence, (run, seed) => {
      const rate = run.goodput(by, 119)
      // A limit that is found by looking sheds a few per cent at this load, before the outage as well.
      assert.ok(rate > 0.9 * offeredPerSecond, `${rate} a second after second ${by}, ${seed}`)
      assert.ok(rate < capacityPerSecond, seed)
      return `${persecond(run.goodput(41, 45))} from 41 s, ${persecond(rate)} from ${by} s`
    })
  }
})
