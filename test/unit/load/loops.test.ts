import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runClosedLoop } from '../../../src/load/closed-loop.ts'
import type { Send, Timing } from '../../../src/load/flights.ts'
import { runOpenLoop } from '../../../src/load/open-loop.ts'
import type { LoadOutcome } from '../../../src/load/outcome.ts'
import { constantRate } from '../../../src/load/schedule.ts'
import { type LoadResult, Tally } from '../../../src/load/tally.ts'

/** Time that passes only when everything that is due has run. */
class Paused implements Timing {
  #now = 0
  readonly #due = new Set<{ readonly at: number; readonly run: () => void }>()

  readonly now = (): number => this.#now

  readonly later = (ms: number, run: () => void): (() => void) => {
    const entry = { at: this.#now + ms, run }
    this.#due.add(entry)
    return () => this.#due.delete(entry)
  }

  /** Goes on until nothing is due any more; fails when that takes longer than an hour. */
  drain(): void {
    while (this.#due.size > 0) {
      const next = [...this.#due].reduce((first, entry) => (entry.at < first.at ? entry : first))
      this.#due.delete(next)
      assert.ok(next.at < 3_600_000, 'the load does not end')
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
  }

  /** As if the process had been busy. */
  stall(ms: number): void {
    this.#now += ms
  }
}

const ok: LoadOutcome = { kind: 'answer', status: 200 }

function answering(timing: Timing, ms: (count: number) => number, outcome: LoadOutcome = ok): Send {
  let count = 0
  return done => timing.later(ms(count++), () => done(outcome))
}

const never: Send = () => () => {}

type Setup = { timing: Paused; send: Send; rate?: number; connections?: number; stop?: AbortController }

function shared({ timing, send, stop }: Setup) {
  const interrupted = (stop ?? new AbortController()).signal
  return { timing, send, interrupted, tally: new Tally(), durationMs: 1000, timeoutMs: 400 }
}

async function open(setup: Setup): Promise<LoadResult> {
  const loop = { ...shared(setup), schedule: constantRate(setup.rate ?? 100) }
  const ended = runOpenLoop(loop)
  setup.timing.drain()
  return loop.tally.result(await ended)
}

async function closed(setup: Setup): Promise<LoadResult> {
  const loop = { ...shared(setup), connections: setup.connections ?? 4 }
  const ended = runClosedLoop(loop)
  setup.timing.drain()
  return loop.tally.result(await ended)
}

describe('the open loop', () => {
  test('sends at its rate for its duration, however slow the answers are', async () => {
    const timing = new Paused()
    const result = await open({ timing, send: answering(timing, () => 300) })
    assert.equal(result.sent, 100)
    assert.deepEqual(result.statuses, { '2xx': 100 })
    assert.equal(result.good, true)
    assert.equal(result.latencyMs.max, 300)
    assert.equal(result.seconds, 1.29)
  })

  test('counts a request that is sent late from when it should have been sent', async () => {
    const timing = new Paused()
    const send = answering(timing, count => {
      if (count === 50) timing.stall(200)
      return 1
    })
    const result = await open({ timing, send })
    assert.equal(result.sent, 100)
    // Of the 20 requests that fell into the stall, the first waited for all of it.
    assert.ok(result.latencyMs.max >= 200 && result.latencyMs.max <= 212, `max ${result.latencyMs.max}`)
    assert.ok(result.latencyMs.p90 > 90, `p90 ${result.latencyMs.p90}`)
    assert.equal(Math.round(result.latencyMs.p50), 1)
  })

  test('gives up what takes longer than the timeout, and its wait is in the percentiles', async () => {
    const result = await open({ timing: new Paused(), send: never })
    assert.deepEqual(result.errors, { timeout: 100 })
    assert.equal(result.answered, 0)
    assert.equal(result.good, false)
    assert.ok(result.latencyMs.min >= 400 && result.latencyMs.max <= 410)
  })

  test('ends at once when it is interrupted and says what was under way', async () => {
    const timing = new Paused()
    const stop = new AbortController()
    timing.later(250, () => stop.abort())
    const result = await open({ timing, stop, send: never })
    assert.equal(result.seconds, 0.25)
    assert.equal(result.unfinished, result.sent)
    assert.ok(result.sent >= 25 && result.sent <= 26)
  })

  test('survives requests that fail before they are sent', async () => {
    const send: Send = done => {
      done({ kind: 'failure', failure: 'other', reason: 'no' })
      return () => {}
    }
    const result = await open({ timing: new Paused(), send })
    assert.deepEqual(result.errors, { other: 100 })
    assert.deepEqual(result.reasons, { other: 'no' })
  })
})

describe('the closed loop', () => {
  test('keeps its connections busy and no more', async () => {
    const timing = new Paused()
    let busy = 0
    let most = 0
    const send: Send = done => {
      most = Math.max(most, ++busy)
      return timing.later(10, () => {
        busy--
        done(ok)
      })
    }
    const result = await closed({ timing, send })
    assert.equal(most, 4)
    assert.equal(result.sent, 400)
    assert.equal(result.latencyMs.p50, 10)
  })

  test('asks who refuses connections again only at the next sweep', async () => {
    const send: Send = done => {
      done({ kind: 'failure', failure: 'refused', reason: 'nobody there' })
      return () => {}
    }
    const result = await closed({ timing: new Paused(), send })
    assert.deepEqual(result.errors, { refused: 400 })
  })

  test('ends after its duration although nothing is ever answered', async () => {
    const result = await closed({ timing: new Paused(), send: never })
    assert.ok(result.seconds >= 1 && result.seconds <= 1.42, `${result.seconds} s`)
    assert.equal(result.errors.timeout, result.sent)
  })
})
