import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Nearest, type NearestOptions } from '../../../src/failover/nearest.ts'
import type { Target } from '../../../src/model/target.ts'
import type { TelemetryVector, TelemetryView } from '../../../src/model/telemetry.ts'
import type { Random } from '../../../src/time/random.ts'
import { assertDistributed, counted } from '../fixtures/chi-squared.ts'
import { seeded } from '../fixtures/seed.ts'
import { target } from '../fixtures/targets.ts'

const names = 'abcdefghij'
const targets = [...names].map(id => target(id))
const [a, b, c, d] = targets as [Target, Target, Target, Target]

/** Telemetry by id; what a target was like while it was well is the same, unless it is said. */
function telemetryOf(latest: Record<string, TelemetryVector>, well: Record<string, TelemetryVector> = latest): TelemetryView {
  return { latest: ({ id }) => latest[id], lastHealthy: ({ id }) => well[id] }
}

/** The nth letter uses n tenths of its CPU. */
const byName = telemetryOf(Object.fromEntries([...names].map((id, index) => [id, { cpu: index / 10 }])))

interface Given extends Partial<NearestOptions> {
  readonly telemetry?: TelemetryView
  readonly inFlight?: (target: Target) => number
  readonly limitPerTarget?: number
}

function nearestOf({ k = 3, metric = 'euclidean', telemetry = byName, inFlight = () => 0, limitPerTarget = 0 }: Given = {}) {
  return new Nearest({ k, metric }, { telemetry, inFlight, limitPerTarget })
}

const heirs = (nearest: Nearest, gone: Target, open: readonly Target[], random: Random, draws = 300) =>
  [...new Set(Array.from({ length: draws }, () => nearest.heir(gone, open, 0, random).id))].sort().join('')

const without = (...gone: readonly Target[]) => targets.filter(each => !gone.includes(each))

describe('who takes over', () => {
  for (const metric of ['euclidean', 'mahalanobis'] as const) {
    test(`are the k nearest and nobody else: ${metric}`, t => {
      const random = seeded(t, 94)
      assert.equal(heirs(nearestOf({ metric }), a, without(a), random), 'bcd')
      assert.equal(heirs(nearestOf({ metric, k: 1 }), a, without(a), random), 'b')
      assert.equal(heirs(nearestOf({ metric, k: 4 }), d, without(d), random), 'bcef')
      assert.equal(heirs(nearestOf({ metric, k: 50 }), d, [a, b], random), 'ab')
    })
  }

  test('is drawn by nearness', t => {
    const random = seeded(t, 95)
    const nearest = nearestOf()
    const open = without(a)
    const draw = () => open.indexOf(nearest.heir(a, open, 0, random))
    assertDistributed(counted(9, 20_000, draw).slice(0, 3), [1, 1 / 2, 1 / 3])
  })

  test('is drawn by headroom and weight among those that are as near', t => {
    const random = seeded(t, 96)
    const open = [b, target('x', { weight: 2 }), c]
    const same = { cpu: 0.5 }
    const telemetry = telemetryOf({ a: same, b: same, x: same, c: same })
    const inFlight = (each: Target) => (each === c ? 8 : 2)
    const nearest = nearestOf({ telemetry, inFlight, limitPerTarget: 10 })
    const draw = () => open.indexOf(nearest.heir(a, open, 0, random))
    assertDistributed(counted(3, 20_000, draw), [8, 16, 2])
  })

  test('is found by what the target was like while it was well', t => {
    const random = seeded(t, 97)
    const latest = { a: { cpu: 0.95 }, b: { cpu: 0.1 }, c: { cpu: 0.5 }, d: { cpu: 0.9 } }
    const telemetry = telemetryOf(latest, { ...latest, a: { cpu: 0.12 } })
    assert.equal(heirs(nearestOf({ telemetry, k: 1 }), a, [b, c, d], random), 'b')
  })

  test('are all where nothing is known of the target or of one of the others', t => {
    const random = seeded(t, 98)
    assert.equal(heirs(nearestOf({ telemetry: telemetryOf({}) }), a, without(a), random), 'bcdefghij')
    assert.equal(heirs(nearestOf({ telemetry: telemetryOf({ a: { cpu: 1 }, b: { cpu: 1 } }), k: 1 }), a, [b, c], random), 'bc')
  })

  test('are as few as can take what it leaves, with k: auto', t => {
    const random = seeded(t, 99)
    const inFlight = () => 6
    // Each has 2 places left of 8, and what is left behind is the mean, 6.
    assert.equal(heirs(nearestOf({ k: 'auto', inFlight, limitPerTarget: 8 }), a, without(a), random), 'bcd')
    assert.equal(heirs(nearestOf({ k: 'auto', inFlight, limitPerTarget: 12 }), a, without(a), random), 'b')
    assert.equal(heirs(nearestOf({ k: 'auto', inFlight, limitPerTarget: 7 }), a, [b, c, d], random), 'bcd')
  })

  test('is the next nearest where the nearest are full', t => {
    const random = seeded(t, 100)
    const inFlight = (each: Target) => (each === b || each === c ? 5 : 0)
    assert.equal(heirs(nearestOf({ k: 1, inFlight, limitPerTarget: 5 }), a, without(a), random), 'd')
  })

  test('is the nearest all the same where everybody is full', t => {
    const random = seeded(t, 101)
    assert.equal(heirs(nearestOf({ k: 1, inFlight: () => 9, limitPerTarget: 5 }), a, without(a), random), 'b')
  })
})

/** 1000 requests, ten a round, each for one target and five rounds long; those for one that is out are taken over. */
function simulate(given: Given, gone: readonly Target[], random: Random) {
  const load = new Map(targets.map(each => [each, 0]))
  const inFlight = (each: Target) => load.get(each) ?? 0
  const open = without(...gone)
  const nearest = nearestOf({ ...given, inFlight })
  const running: Target[][] = []
  const taken: { readonly heir: Target; readonly before: number; readonly mean: number }[] = []
  for (let round = 0; round < 100; round++) {
    const started = targets.map(natural => {
      const mean = open.reduce((sum, each) => sum + inFlight(each), 0) / open.length
      const heir = gone.includes(natural) ? nearest.heir(natural, open, round, random) : natural
      if (heir !== natural) taken.push({ heir, before: inFlight(heir), mean })
      load.set(heir, inFlight(heir) + 1)
      return heir
    })
    running.push(started)
    for (const over of running.length > 5 ? (running.shift() ?? []) : []) load.set(over, inFlight(over) - 1)
  }
  return taken
}

describe('no neighbour is knocked over by its neighbour’s fall', () => {
  test('with a limit: none gets more than that, while another has room', t => {
    const taken = simulate({ k: 1, limitPerTarget: 7 }, [a], seeded(t, 102))
    assert.equal(taken.length, 100)
    assert.ok(taken.every(({ before }) => before < 7))
    assert.ok(taken.some(({ heir }) => heir === b) && taken.some(({ heir }) => heir === c), 'the next nearest takes the rest')
  })

  test('without one: none that has more than twice the mean gets more', t => {
    const taken = simulate({ k: 1 }, targets.slice(5), seeded(t, 103))
    assert.equal(taken.length, 500)
    assert.ok(taken.every(({ before, mean }) => before < 2 * (mean + 1)))
    assert.ok(new Set(taken.map(({ heir }) => heir)).size >= 2)
  })
})
