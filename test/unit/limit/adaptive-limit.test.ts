import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AdaptiveLimit, fixedLimit } from '../../../src/limit/adaptive-limit.ts'

/** A service that works on so many requests at once, each for `serviceMs`: what is more waits in it. */
interface Service {
  readonly workers: number
  readonly serviceMs: number
}

/** Lets `clients` ask the service without a pause for so long, as many at once as the limit lets in; answers the next moment. */
function run(limit: AdaptiveLimit, service: Service, clients: number, forMs: number, from = 0): number {
  const everyMs = 10
  for (let now = from; now < from + forMs; now += everyMs) {
    const inFlight = Math.max(1, Math.min(clients, limit.limit))
    const latencyMs = service.serviceMs * Math.max(1, inFlight / service.workers)
    const answers = Math.max(1, Math.round((inFlight / latencyMs) * everyMs))
    for (let i = 0; i < answers; i++) limit.answered(latencyMs, false, inFlight, now)
  }
  return from + forMs
}

const fast: Service = { workers: 200, serviceMs: 20 }

describe('a limit that is found', () => {
  test('begins with eight times its least', () => {
    assert.equal(new AdaptiveLimit(4).limit, 32)
  })

  test('grows while answers are fast and it is reached', () => {
    const limit = new AdaptiveLimit(4)
    run(limit, { workers: 10_000, serviceMs: 20 }, 10_000, 10_000)
    assert.ok(limit.limit > 150, `${limit.limit}`)
  })

  test('stays where it is while nobody comes near it', () => {
    const limit = new AdaptiveLimit(4)
    run(limit, fast, 10, 20_000)
    assert.equal(limit.limit, 32)
  })

  test('stays between what keeps all workers busy and twice that', () => {
    const limit = new AdaptiveLimit(4)
    run(limit, { workers: 40, serviceMs: 20 }, 10_000, 25_000)
    assert.ok(limit.limit >= 40 && limit.limit <= 80, `${limit.limit}`)
  })

  test('shrinks when answers become slow, and never under its least', () => {
    const limit = new AdaptiveLimit(4)
    const now = run(limit, fast, 10_000, 10_000)
    const before = limit.limit
    run(limit, { workers: 200, serviceMs: 400 }, 10_000, 2000, now)
    assert.ok(limit.limit < before / 2, `${before}, then ${limit.limit}`)
    run(limit, { workers: 200, serviceMs: 4000 }, 10_000, 20_000, now + 2000)
    assert.equal(limit.limit, 4)
  })

  test('recovers after a slow phase', () => {
    const limit = new AdaptiveLimit(4)
    let now = run(limit, fast, 10_000, 10_000)
    const before = limit.limit
    now = run(limit, { workers: 200, serviceMs: 2000 }, 10_000, 10_000, now)
    assert.equal(limit.limit, 4)
    run(limit, fast, 10_000, 20_000, now)
    assert.ok(limit.limit >= before / 2, `${before}, then ${limit.limit}`)
  })

  test('is not pinned by the best of long ago when a service has become slower for good', () => {
    const limit = new AdaptiveLimit(4)
    const now = run(limit, fast, 10_000, 10_000)
    run(limit, { workers: 200, serviceMs: 200 }, 10_000, 60_000, now)
    assert.ok(limit.limit >= 40, `${limit.limit}`)
  })

  test('shrinks when most attempts fail, and grows back when they no longer do', () => {
    const limit = new AdaptiveLimit(1)
    for (let now = 0; now < 5000; now += 10) limit.answered(1, true, 8, now)
    assert.equal(limit.limit, 1)
    run(limit, fast, 10_000, 20_000, 5000)
    assert.ok(limit.limit >= 8, `${limit.limit}`)
  })

  test('does not hear of a few answers, and not of their scatter', () => {
    const limit = new AdaptiveLimit(4)
    for (let i = 0; i < 9; i++) limit.answered(i === 0 ? 1 : 5000, false, 32, 1000 + i)
    assert.equal(limit.limit, 32)
    const steady = new AdaptiveLimit(4)
    for (let now = 0; now < 10_000; now += 5) steady.answered(20 + (now % 9), false, 10, now)
    assert.equal(steady.limit, 32)
  })

  test('takes answers that need no time for fast', () => {
    const limit = new AdaptiveLimit(4)
    for (let now = 0; now < 1000; now += 5) limit.answered(0, false, 32, now)
    assert.ok(limit.limit >= 32, `${limit.limit}`)
  })
})

test('a fixed limit hears nothing', () => {
  const limit = fixedLimit(7)
  for (let now = 0; now < 1000; now++) limit.answered(1000, true, 7, now)
  assert.equal(limit.limit, 7)
})
