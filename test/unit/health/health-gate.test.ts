import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HealthGate } from '../../../src/health/health-gate.ts'
import type { HealthSettings } from '../../../src/health/options.ts'
import { Probers } from '../../../src/health/probers.ts'
import type { Target } from '../../../src/model/target.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { target } from '../fixtures/targets.ts'
import { FakeCheck, failed, passed } from './fixtures/fake-check.ts'
import { settings } from './fixtures/settings.ts'

/** Probers whose checks answer what the test says, by the id of the target. */
function laboratory() {
  const scheduler = new VirtualScheduler()
  const checks = new Map<string, FakeCheck>()
  const checkOf = (url: string) => {
    const check = checks.get(url) ?? new FakeCheck(scheduler.now)
    checks.set(url, check)
    return check
  }
  const opened: string[] = []
  const open = (url: string) => {
    opened.push(url)
    return checkOf(url)
  }
  const probers = new Probers({ scheduler, random: seededRandom(1), open })
  const gateOf = (targets: readonly Target[], more: Partial<HealthSettings> = {}) =>
    new HealthGate(targets, { settings: settings({ interval: 1000, ...more }), tls: { verify: true } }, probers)
  return { scheduler, probers, opened, gateOf, check: ({ url }: Target) => checkOf(url) }
}

const a = target('a')
const b = target('b')
const backup = target('c', { tier: 1 })

describe('the gate of a group with active checks', () => {
  test('before it starts it refuses nobody and checks nothing', () => {
    const { gateOf, probers, scheduler } = laboratory()
    const gate = gateOf([a, b])
    scheduler.advance(5000)
    assert.deepEqual([gate.quiet, gate.refusal(a), probers.size], [true, undefined, 0])
    assert.deepEqual(gate.healthOf(a), { state: 'off', last: undefined })
  })

  test('is quiet while every target passes', () => {
    const { gateOf, scheduler } = laboratory()
    const gate = gateOf([a, b])
    gate.start()
    scheduler.advance(5000)
    assert.deepEqual([gate.quiet, gate.refusal(a), gate.refusal(b)], [true, undefined, undefined])
    assert.deepEqual(gate.healthOf(a), { state: 'passing', last: 'status 200' })
  })

  test('refuses a target after `fall` failures and admits it after `rise` passes', () => {
    const { gateOf, scheduler, check } = laboratory()
    const gate = gateOf([a, b])
    const turns: string[] = []
    gate.onChange(({ id }, state, _now, before) => turns.push(`${id} ${before} ${state}`))
    gate.start()
    scheduler.advance(3000)
    check(a).result = failed
    scheduler.advance(5000)
    assert.equal(gate.quiet, false)
    assert.match(gate.refusal(a) ?? '', /^health: \d+ checks failed, the last: status 500$/)
    assert.equal(gate.refusal(b), undefined)
    assert.deepEqual(gate.healthOf(a), { state: 'failing', last: 'status 500' })
    check(a).result = passed
    scheduler.advance(5000)
    assert.deepEqual([gate.quiet, gate.refusal(a)], [true, undefined])
    assert.deepEqual(turns.slice(0, 2).sort(), ['a unchecked passing', 'b unchecked passing'])
    assert.deepEqual(turns.slice(2), ['a passing failing', 'a failing passing'])
  })

  test('who is told of a turn finds it in the gate', () => {
    const { gateOf, scheduler } = laboratory()
    const gate = gateOf([a])
    const seen: unknown[] = []
    gate.onChange((target, state, now) => seen.push([gate.healthOf(target).state, state, now === scheduler.now()]))
    gate.start()
    scheduler.advance(5000)
    assert.deepEqual(seen, [['passing', 'passing', true]])
  })

  test('a target that was not checked yet waits only while another is known to be well', () => {
    const { gateOf, scheduler, check } = laboratory()
    check(a).result = undefined
    check(b).result = undefined
    const gate = gateOf([a, b])
    gate.start()
    scheduler.advance(5000)
    assert.deepEqual([gate.quiet, gate.refusal(a), gate.refusal(b)], [true, undefined, undefined])
    check(b).answer(passed)
    assert.deepEqual([gate.quiet, gate.refusal(a), gate.refusal(b)], [false, 'health: not checked yet', undefined])
    check(a).answer(passed)
    assert.deepEqual([gate.quiet, gate.refusal(a)], [true, undefined])
  })

  test('one that fails is no reason to wait', () => {
    const { gateOf, scheduler, check } = laboratory()
    check(a).result = undefined
    check(b).result = failed
    const gate = gateOf([a, b])
    gate.start()
    scheduler.advance(5000)
    assert.deepEqual([gate.quiet, gate.refusal(a)], [false, undefined])
    assert.match(gate.refusal(b) ?? '', /^health: /)
  })

  test('a backup that is well is no reason to leave the tier before it', () => {
    const { gateOf, scheduler, check } = laboratory()
    check(a).result = undefined
    const gate = gateOf([a, backup])
    gate.start()
    scheduler.advance(5000)
    assert.equal(gate.healthOf(backup).state, 'passing')
    assert.deepEqual([gate.quiet, gate.refusal(a)], [true, undefined])
  })

  test('targets that it does not have are not its affair', () => {
    const { gateOf, scheduler, check } = laboratory()
    check(a).result = failed
    const gate = gateOf([a])
    gate.start()
    scheduler.advance(5000)
    assert.equal(gate.refusal(target('a')), undefined)
  })

  test('hands on what passing checks say of the target', () => {
    const { gateOf, scheduler, check } = laboratory()
    check(a).result = { ok: true, text: 'status 200', vector: { cpu: 0.5 } }
    const gate = gateOf([a, b])
    const told: unknown[] = []
    gate.onVector(({ id }, vector) => told.push([id, vector]))
    gate.start()
    scheduler.advance(1000)
    assert.deepEqual(told[0], ['a', { cpu: 0.5 }])
  })

  test('tells of every check that passes, and of no other', () => {
    const { gateOf, scheduler, check } = laboratory()
    const gate = gateOf([a])
    let passes = 0
    gate.onPass(() => passes++)
    gate.start()
    scheduler.advance(10_000)
    assert.equal(passes, check(a).runs.length)
    check(a).result = failed
    scheduler.advance(10_000)
    assert.ok(passes < check(a).runs.length)
  })

  test('quiet says the same as asking for every target, whatever happens', () => {
    const targets = ['a', 'b', 'c', 'd'].map((id, index) => target(id, { tier: index % 2 }))
    const random = seededRandom(3)
    const { gateOf, scheduler, check } = laboratory()
    for (const one of targets) check(one).result = undefined
    const gate = gateOf(targets, { fall: 2, rise: 2 })
    gate.start()
    let loud = 0
    for (let step = 0; step < 2000; step++) {
      const one = targets[Math.floor(random() * targets.length)] ?? a
      const draw = random()
      if (draw < 0.02) gate.remove(one)
      else if (draw < 0.1) gate.add(one)
      else check(one).answer(draw < 0.6 ? passed : failed)
      scheduler.advance(300)
      const refuses = targets.some(each => gate.refusal(each) !== undefined)
      if (refuses) loud++
      assert.equal(gate.quiet, !refuses, `step ${step}`)
    }
    assert.ok(loud > 200 && loud < 1800, `${loud} of 2000 steps with a refusal`)
  })
})

describe('targets that several groups have', () => {
  test('are checked once for all of them, and each group is told', () => {
    const { gateOf, scheduler, check, opened } = laboratory()
    const one = gateOf([a])
    const twin = target('twin', { url: a.url })
    const other = gateOf([twin, b])
    one.start()
    other.start()
    check(a).result = failed
    scheduler.advance(5000)
    assert.deepEqual(opened, [a.url, b.url])
    assert.deepEqual([one.healthOf(a).state, other.healthOf(twin).state], ['failing', 'failing'])
  })

  test('are checked apart where the groups check them in different ways', () => {
    const { gateOf, opened } = laboratory()
    gateOf([a]).start()
    gateOf([a], { path: '/ready' }).start()
    assert.deepEqual(opened, [a.url, a.url])
  })

  test('are checked until the last group stops', () => {
    const { gateOf, scheduler, check, probers } = laboratory()
    const one = gateOf([a])
    const other = gateOf([a])
    one.start()
    other.start()
    one.stop()
    scheduler.advance(3000)
    const runs = check(a).runs.length
    assert.ok(runs > 0 && !check(a).closed)
    other.stop()
    scheduler.advance(60_000)
    assert.deepEqual([check(a).closed, check(a).runs.length, probers.size], [true, runs, 0])
  })

  test('keep their state from one configuration to the next', () => {
    const { gateOf, scheduler, check, opened } = laboratory()
    const before = gateOf([a, b])
    before.start()
    check(a).result = failed
    scheduler.advance(5000)
    const renewed = target('a')
    const after = gateOf([renewed, b])
    after.start()
    before.stop()
    assert.deepEqual([after.quiet, opened.length], [false, 2])
    assert.match(after.refusal(renewed) ?? '', /^health: /)
    assert.deepEqual(after.healthOf(b), { state: 'passing', last: 'status 200' })
  })
})
