import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CallWindow } from '../../../src/breaker/call-window.ts'
import { Circuit, type CircuitOptions } from '../../../src/breaker/circuit.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'

const options: CircuitOptions = { failureShare: 0.5, minimum: 4, windowMs: 10_000, openMs: 5000, slowMs: 0, probes: 2 }

/** A circuit whose opening times have no jitter. */
const circuitOf = (more: Partial<CircuitOptions> = {}) => new Circuit({ ...options, ...more }, () => 0.5)

/** A call that takes no time. */
function call(circuit: Circuit, failed: boolean, now: number, startedAt = now): void {
  circuit.started(now)
  circuit.judged(failed, 0, startedAt, now)
  circuit.ended(startedAt)
}

function opened(now = 0, more: Partial<CircuitOptions> = {}): Circuit {
  const circuit = circuitOf(more)
  for (let i = 0; i < 4; i++) call(circuit, true, now)
  assert.equal(circuit.kind(now), 'open')
  return circuit
}

describe('a closed circuit', () => {
  test('admits all, and is quiet from the start', () => {
    const circuit = circuitOf()
    assert.deepEqual(
      [circuit.kind(0), circuit.admits(0), circuit.isQuiet(0), circuit.openUntil],
      ['closed', true, true, undefined]
    )
    assert.equal(circuit.warmth(0), 1)
  })

  test('opens at the share of failures in the window, once there are enough calls', () => {
    const circuit = circuitOf()
    for (const failed of [true, true, false]) call(circuit, failed, 0)
    assert.equal(circuit.kind(0), 'closed', 'three calls are too few')
    call(circuit, false, 0)
    assert.equal(circuit.kind(0), 'open')
  })

  test('does not open for fewer', () => {
    const circuit = circuitOf()
    for (let i = 0; i < 100; i++) call(circuit, i % 3 === 2, i)
    assert.equal(circuit.kind(100), 'closed')
  })
})

describe('an open circuit', () => {
  test('admits nobody until its time is over', () => {
    const circuit = opened()
    assert.equal(circuit.openUntil, 5000)
    for (const now of [0, 4999.9]) assert.deepEqual([circuit.kind(now), circuit.admits(now)], ['open', false])
    assert.deepEqual([circuit.kind(5000), circuit.admits(5000)], ['half-open', true])
    assert.equal(circuit.isQuiet(1_000_000), false)
  })

  test('pays no heed to calls that were under way when it opened', () => {
    const circuit = opened()
    circuit.judged(false, 0, 0, 10)
    circuit.judged(true, 0, 0, 10)
    circuit.ended(0)
    assert.equal(circuit.openUntil, 5000)
  })

  test('may be probed before its time, and not later than it', () => {
    const circuit = opened()
    circuit.probeNow(1000)
    assert.equal(circuit.admits(1000), true)
    circuit.probeNow(2000)
    assert.equal(circuit.openUntil, 1000)
  })

  test('is open a tenth more or less than its time, as is drawn', () => {
    for (const [draw, until] of [
      [0, 4500],
      [1, 5500]
    ] as const) {
      const circuit = new Circuit(options, () => draw)
      for (let i = 0; i < 4; i++) call(circuit, true, 0)
      assert.ok(Math.abs((circuit.openUntil ?? 0) - until) < 1e-9)
    }
  })
})

describe('a half-open circuit', () => {
  test('admits only as many at once as it has probes', () => {
    const circuit = opened()
    circuit.started(5000)
    assert.equal(circuit.admits(5000), true)
    circuit.started(5001)
    assert.equal(circuit.admits(5001), false)
    circuit.ended(5000)
    assert.equal(circuit.admits(5002), true, 'one that has ended makes room')
  })

  test('closes after as many successes, and then takes up its share bit by bit', () => {
    const circuit = opened()
    call(circuit, false, 5000)
    assert.equal(circuit.kind(5000), 'half-open')
    call(circuit, false, 5100)
    assert.equal(circuit.kind(5100), 'closed')
    assert.deepEqual([circuit.warmth(5100), circuit.warmth(7600), circuit.warmth(10_100)], [0.1, 0.55, 1])
    assert.deepEqual([circuit.isQuiet(10_099), circuit.isQuiet(10_100)], [false, true])
  })

  test('says that it has closed, once', () => {
    const circuit = opened()
    circuit.started(5000)
    assert.equal(circuit.judged(false, 0, 5000, 5001), false)
    circuit.started(5001)
    assert.equal(circuit.judged(false, 0, 5001, 5002), true)
    assert.equal(circuit.judged(false, 0, 5001, 5003), false)
  })

  test('opens again at one failure, and at a slow call', () => {
    for (const [failed, tookMs] of [
      [true, 0],
      [false, 101]
    ] as const) {
      const circuit = opened(0, { slowMs: 100 })
      call(circuit, false, 5000)
      circuit.started(5000)
      circuit.judged(failed, tookMs, 5000, 5200)
      assert.equal(circuit.kind(5200), 'open')
      assert.equal(circuit.openUntil, 5200 + 2 * 5000, 'for twice as long')
    }
  })

  test('does not count calls that began before it opened, neither their end nor what they came to', () => {
    const circuit = opened()
    circuit.started(5000)
    circuit.started(5000)
    for (const failed of [true, false, false]) circuit.judged(failed, 0, 0, 5001)
    circuit.ended(0)
    assert.equal(circuit.kind(5001), 'half-open')
    assert.equal(circuit.admits(5001), false)
  })

  test('makes room for another probe when one comes to nothing', () => {
    const circuit = opened(0, { probes: 1 })
    circuit.started(5000)
    assert.equal(circuit.admits(5000), false)
    // Its client left: it is judged by nobody.
    circuit.ended(5000)
    assert.equal(circuit.admits(5001), true)
  })
})

test('a circuit stays open twice as long each time, up to eight times, and is forgiven once it was well', () => {
  const circuit = opened()
  let now = 0
  for (const length of [5000, 10_000, 20_000, 40_000, 40_000]) {
    assert.equal((circuit.openUntil ?? 0) - now, length)
    now += length
    call(circuit, true, now)
  }
  now += 40_000
  for (let i = 0; i < 2; i++) call(circuit, false, now)
  assert.equal(circuit.kind(now), 'closed')
  now += 5000
  for (let i = 0; i < 4; i++) call(circuit, true, now)
  assert.equal((circuit.openUntil ?? 0) - now, 5000)
})

test('whoever asks first is never one of more probes than there may be, whatever happens', t => {
  const random = seeded(t, 91)
  for (let round = 0; round < 50; round++) {
    const probes = 1 + below(random, 4)
    const circuit = circuitOf({ probes })
    const underWay: { startedAt: number; probe: boolean }[] = []
    let now = 0
    for (let i = 0; i < 400; i++) {
      now += oneOf(random, [1, 1, 10, 500, 3000])
      const [ending] = underWay.splice(below(random, underWay.length), random() < 0.5 ? 1 : 0)
      if (ending !== undefined) {
        if (random() < 0.9) circuit.judged(random() < 0.6, 0, ending.startedAt, now)
        circuit.ended(ending.startedAt)
      }
      if (circuit.kind(now) === 'closed') for (const each of underWay) each.probe = false
      if (!circuit.admits(now)) continue
      const startedAt = now
      // An open one has forgotten the probes of the time before.
      if (circuit.openUntil !== undefined) for (const each of underWay) each.probe = false
      circuit.started(now)
      underWay.push({ startedAt, probe: circuit.kind(now) === 'half-open' })
      const probing = underWay.filter(({ probe }) => probe).length
      assert.ok(circuit.kind(now) !== 'half-open' || probing <= probes, `${probing} probes of ${probes} at ${now}`)
    }
  }
})

test('a window of calls has those of the last while and no older ones', t => {
  const random = seeded(t, 92)
  const window = new CallWindow(1000)
  const calls: { at: number; failed: boolean; slow: boolean }[] = []
  let now = 0
  for (let i = 0; i < 3000; i++) {
    now += oneOf(random, [0, 0, 1, 30, 99, 100, 450, 5000])
    if (random() < 0.01) {
      window.clear()
      calls.length = 0
    }
    const made = { at: now, failed: random() < 0.5, slow: random() < 0.2 }
    calls.push(made)
    window.add(made.failed, made.slow, now)
    const since = (age: number) => calls.filter(({ at }) => at > now - age)
    for (const [counted, wanted] of [
      [window.calls, () => true],
      [window.failures, ({ failed }: typeof made) => failed],
      [window.slow, ({ slow }: typeof made) => slow]
    ] as const)
      assert.ok(counted >= since(900).filter(wanted).length && counted <= since(1000).filter(wanted).length)
  }
})
