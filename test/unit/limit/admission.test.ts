import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { AdaptiveLimit, fixedLimit } from '../../../src/limit/adaptive-limit.ts'
import { Admission, type AdmissionOptions } from '../../../src/limit/admission.ts'
import { type Leave, priorities } from '../../../src/model/admitting.ts'
import { Deadlines } from '../../../src/time/deadlines.ts'
import { answered, attempt, reset } from '../fixtures/attempts.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'
import { target } from '../fixtures/targets.ts'
import { waiting } from './waiting.ts'

/** An admission whose deadlines move only when the test sweeps them; everybody who is shed stands in `told` with the reason. */
function admissionOf(t: TestContext, given: Partial<AdmissionOptions> = {}) {
  const told: string[] = []
  const deadlines = new Deadlines(() => 0)
  t.after(() => deadlines.stop())
  const options = { limit: fixedLimit(1), queue: 2, queueMs: 100, ...given }
  const admission = new Admission(options, deadlines, reason => void told.push(reason))
  const enter = (name: string, now = 0, priority: (typeof priorities)[number] = 'default') =>
    admission.enter(waiting(told, name, priority), now)
  return { admission, deadlines, told, enter }
}

const taken = (told: string[]) => told.splice(0)

describe('admission', () => {
  test('lets in at once as many as the limit says, and the next ones wait in order', t => {
    const { admission, told, enter } = admissionOf(t, { limit: fixedLimit(2) })
    const [a, b] = [enter('a'), enter('b'), enter('c'), enter('d')]
    assert.deepEqual(taken(told), ['a in', 'b in'])
    assert.deepEqual([admission.inFlight, admission.waiting], [2, 2])
    b(1)
    assert.deepEqual(taken(told), ['c in'])
    a(2)
    assert.deepEqual(taken(told), ['d in'])
    assert.deepEqual([admission.inFlight, admission.waiting], [2, 0])
  })

  test('sheds who comes when the queue is full, and nobody else', t => {
    const { admission, told, enter } = admissionOf(t)
    for (const name of ['a', 'b', 'c', 'd']) enter(name)
    assert.deepEqual(taken(told), ['a in', 'queue full', 'd shed'])
    assert.deepEqual([admission.inFlight, admission.waiting], [1, 2])
  })

  test('sheds at once where no queue is wanted', t => {
    const { told, enter } = admissionOf(t, { queue: 0 })
    enter('a')
    enter('b', 0, 'critical')
    assert.deepEqual(told, ['a in', 'queue full', 'b shed'])
  })

  test('serves by priority, and within one in order', t => {
    const { told, enter } = admissionOf(t, { queue: 10 })
    let leave = enter('first')
    const leaves = new Map<string, Leave>()
    for (const name of ['low 1', 'default 1', 'critical 1', 'low 2', 'default 2', 'critical 2'])
      leaves.set(name, enter(name, 0, oneOfName(name)))
    taken(told)
    const served: string[] = []
    for (let i = 0; i < leaves.size; i++) {
      leave(1)
      const name = taken(told)[0]?.replace(' in', '') ?? ''
      served.push(name)
      leave = leaves.get(name) ?? (() => assert.fail(`nobody is named ${name}`))
    }
    assert.deepEqual(served, ['critical 1', 'critical 2', 'default 1', 'default 2', 'low 1', 'low 2'])
  })

  test('gives the place of the oldest of the lowest priority to a higher one when the queue is full', t => {
    const { told, enter } = admissionOf(t, { queue: 3 })
    enter('in')
    enter('default', 0, 'default')
    enter('low 1', 0, 'low')
    enter('low 2', 0, 'low')
    taken(told)
    enter('critical', 0, 'critical')
    assert.deepEqual(taken(told), ['queue full', 'low 1 shed'])
    enter('default 2', 0, 'default')
    assert.deepEqual(taken(told), ['queue full', 'low 2 shed'])
    enter('default 3', 0, 'default')
    assert.deepEqual(taken(told), ['queue full', 'default 3 shed'], 'nobody gives way to an equal')
    enter('critical 2', 0, 'critical')
    assert.deepEqual(taken(told), ['queue full', 'default shed'])
  })

  test('serves the newest first once somebody has been waiting all the time for a while', t => {
    const { told, enter } = admissionOf(t, { queue: 10, queueMs: 1000 })
    const leave = enter('in', 0)
    enter('old', 0)
    const newest = enter('new', 90)
    taken(told)
    leave(101)
    assert.deepEqual(taken(told), ['new in'])
    newest(102)
    assert.deepEqual(taken(told), ['old in'])
  })

  test('serves in order again after nobody was waiting', t => {
    const { told, enter } = admissionOf(t, { queue: 10, queueMs: 1000 })
    const first = enter('in', 0)
    const second = enter('a', 0)
    first(500)
    enter('b', 1000)
    enter('c', 1001)
    taken(told)
    second(1050)
    assert.deepEqual(told, ['b in'])
  })

  test('sheds who has waited too long, at the next sweep, and lets nobody in for it', t => {
    const { admission, deadlines, told, enter } = admissionOf(t, { queueMs: 100 })
    enter('in', 0)
    enter('a', 0)
    const leave = enter('b', 50)
    taken(told)
    deadlines.sweep(99)
    assert.deepEqual(taken(told), [])
    deadlines.sweep(100)
    assert.deepEqual(taken(told), ['waited too long', 'a shed'])
    assert.deepEqual([admission.inFlight, admission.waiting], [1, 1])
    leave(110)
    deadlines.sweep(1000)
    assert.deepEqual(told, [])
  })

  test('does not shed who was let in during the same sweep', t => {
    const told: string[] = []
    const deadlines = new Deadlines(() => 0)
    t.after(() => deadlines.stop())
    const admission = new Admission({ limit: fixedLimit(1), queue: 2, queueMs: 100 }, deadlines, () => {})
    const leave = admission.enter(waiting(told, 'in'), 0)
    admission.enter(waiting(told, 'lucky'), 0)
    // Stands before the other in the sweep, and is shed; what it then does lets the other in.
    admission.enter({ priority: 'default', admit: () => assert.fail(), shed: () => leave(100) }, 0)
    deadlines.sweep(100)
    assert.deepEqual(told, ['in in', 'lucky in'])
    assert.deepEqual([admission.inFlight, admission.waiting], [1, 0])
  })

  test('is left once, whoever leaves how often: while waiting, when in, after being shed', t => {
    const { admission, deadlines, told, enter } = admissionOf(t, { queue: 2 })
    const first = enter('in')
    const waits = enter('waits')
    const expires = enter('expires')
    const refused = enter('refused')
    taken(told)
    for (let i = 0; i < 2; i++) refused(1)
    assert.deepEqual([admission.inFlight, admission.waiting], [1, 2])
    for (let i = 0; i < 2; i++) waits(1)
    assert.deepEqual([admission.inFlight, admission.waiting], [1, 1])
    deadlines.sweep(100)
    for (let i = 0; i < 2; i++) expires(101)
    assert.deepEqual([admission.inFlight, admission.waiting], [1, 0])
    for (let i = 0; i < 2; i++) first(102)
    assert.deepEqual([admission.inFlight, admission.waiting], [0, 0])
    assert.deepEqual(told, ['waited too long', 'expires shed'])
  })

  test('lets nobody in who has gone while waiting', t => {
    const { admission, told, enter } = admissionOf(t)
    const leave = enter('in')
    const gone = enter('gone')
    enter('next')
    gone(1)
    taken(told)
    leave(2)
    assert.deepEqual(told, ['next in'])
    assert.equal(admission.inFlight, 1)
  })

  test('takes who is let in and leaves at once one after the other, however many wait', t => {
    const { admission, deadlines } = admissionOf(t, { queue: 50_000 })
    const leave = admission.enter(waiting([], 'in'), 0)
    let depth = 0
    let deepest = 0
    let served = 0
    for (let i = 0; i < 50_000; i++) {
      const own: Leave = admission.enter(
        {
          priority: 'default',
          admit() {
            depth++
            deepest = Math.max(deepest, depth)
            served++
            own(1)
            depth--
          },
          shed: () => assert.fail()
        },
        0
      )
    }
    leave(1)
    assert.deepEqual([served, deepest], [50_000, 1])
    assert.deepEqual([admission.inFlight, admission.waiting], [0, 0])
    deadlines.sweep(1000)
  })

  test('lets in who takes a place whose loser makes room by going', t => {
    const { admission, told, enter } = admissionOf(t, { queue: 1 })
    const leave = enter('in')
    admission.enter({ priority: 'low', admit: () => assert.fail(), shed: () => leave(1) }, 0)
    enter('critical', 1, 'critical')
    assert.deepEqual(told, ['in in', 'queue full', 'critical in'])
  })

  test('lets in more as soon as a limit that is found has grown', t => {
    const limit = { limit: 1, answered: () => void limit.limit++ }
    const { admission, told, enter } = admissionOf(t, { limit })
    enter('a')
    enter('b')
    const over = attempt(target('a'), 0, answered(200), 5)
    admission.judged(over, 'ignored', 5)
    assert.deepEqual(taken(told), ['a in'], 'what is ignored says nothing')
    admission.judged(over, 'success', 5)
    assert.deepEqual(taken(told), ['b in'])
  })

  test('tells its limit how long an answer took to begin, whether it failed, and how many were under way', t => {
    const seen: unknown[] = []
    const limit = { limit: 5, answered: (...said: unknown[]) => void seen.push(said) }
    const { admission, enter } = admissionOf(t, { limit })
    enter('a')
    enter('b')
    admission.judged(attempt(target('a'), 10, answered(200), 35), 'success', 40)
    admission.judged(attempt(target('a'), 10, reset, 35), 'failure', 41)
    assert.deepEqual(seen, [
      [25, false, 2, 40],
      [25, true, 2, 41]
    ])
  })
})

/** `low 1` is of the priority low. */
function oneOfName(name: string) {
  return priorities.find(priority => name.startsWith(priority)) ?? assert.fail(name)
}

for (const kind of ['fixed', 'adaptive'] as const) {
  test(`whatever happens in whatever order, each is told once and nothing is left behind: a ${kind} limit`, t => {
    const random = seeded(t, 91)
    const limit = kind === 'fixed' ? fixedLimit(3) : new AdaptiveLimit(1)
    const { admission, deadlines } = admissionOf(t, { limit, queue: 5, queueMs: 30 })
    const states = new Map<number, 'waiting' | 'in' | 'over'>()
    const leaves = new Map<number, Leave>()
    const count = (state: string) => [...states.values()].filter(each => each === state).length
    let now = 0
    for (let i = 0; i < 20_000; i++) {
      now += below(random, 5)
      const turn = random()
      if (turn < 0.45) {
        const is = (expected: string, next: 'in' | 'over') => {
          assert.equal(states.get(i), expected)
          states.set(i, next)
        }
        states.set(i, 'waiting')
        leaves.set(
          i,
          admission.enter(
            { priority: oneOf(random, priorities), admit: () => is('waiting', 'in'), shed: () => is('waiting', 'over') },
            now
          )
        )
      } else if (turn < 0.85 && leaves.size > 0) {
        const [id, leave] = oneOf(random, [...leaves])
        // A quarter leaves again, which does nothing.
        if (random() < 0.75) leaves.delete(id)
        states.set(id, 'over')
        leave(now)
      } else if (turn < 0.95) {
        deadlines.sweep(now)
      } else {
        const over = attempt(target('a'), now - below(random, 50), answered(200), now)
        admission.judged(over, oneOf(random, ['success', 'failure', 'ignored']), now)
      }
      assert.equal(admission.inFlight, count('in'))
      assert.equal(admission.waiting, count('waiting'))
      if (kind === 'fixed') assert.ok(admission.inFlight <= 3 && (admission.waiting === 0 || admission.inFlight === 3))
      assert.ok(admission.waiting <= 5)
      for (const [id, state] of states) if (state === 'over' && !leaves.has(id)) states.delete(id)
    }
    for (const leave of leaves.values()) leave(now)
    assert.deepEqual([admission.inFlight, admission.waiting], [0, 0])
  })
}
