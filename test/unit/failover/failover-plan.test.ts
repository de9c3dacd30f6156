import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { first } from '../../../src/balance/first.ts'
import { roundRobin } from '../../../src/balance/round-robin.ts'
import { FailoverPlan } from '../../../src/failover/failover-plan.ts'
import { GroupSelector } from '../../../src/failover/group-selector.ts'
import { Tiers } from '../../../src/failover/tiers.ts'
import { Gates } from '../../../src/model/gate.ts'
import type { Group } from '../../../src/model/group.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { Picker } from '../../../src/model/picker.ts'
import type { Route } from '../../../src/model/route.ts'
import type { Target } from '../../../src/model/target.ts'
import type { Random } from '../../../src/time/random.ts'
import { aborted, answered, refused, reset } from '../fixtures/attempts.ts'
import { exchangeTo, get, post, tried } from '../fixtures/exchanges.ts'
import { group, recorder, refusing } from '../fixtures/groups.ts'
import { target, weighted } from '../fixtures/targets.ts'

interface Situation {
  readonly targets: readonly Target[]
  readonly picker?: Picker
  readonly route?: Partial<Route>
  readonly more?: Partial<Group>
  readonly random?: Random
}

/** An exchange whose first attempt is at the first target, and the plan for what follows. */
function planned({ targets, picker = first(), route = {}, more = {}, random = () => 0.999 }: Situation) {
  const own = group('own', targets, { picker, selector: new GroupSelector(picker, new Tiers()), ...more })
  const exchange = exchangeTo(own, route)
  const start = targets[0]
  assert.ok(start !== undefined)
  const plan = new FailoverPlan({ group: own, target: start }, exchange, random)
  /** The attempt there came to this; the id of the next target, and the wait before it. */
  const fails = (at: Target, outcome: Outcome, now = 0, request = get): string | undefined => {
    tried(exchange, at, outcome, now)
    const may = plan.mayFollow(outcome, request, now)
    const step = plan.after(outcome, request, now)
    assert.ok(step === undefined || may, 'what may not follow does not')
    return step && `${step.target.id} after ${step.waitMs}`
  }
  return { own, exchange, plan, fails }
}

describe('after a failed attempt comes', () => {
  test('an untried target, as long as there is one', () => {
    const [a, b, c, d] = weighted(1, 1, 1, 1)
    const { fails } = planned({ targets: [a, b, c, d], route: { retry: { attempts: 6 } } })
    assert.equal(fails(a, refused), 'b after 0')
    assert.equal(fails(b, refused), 'c after 0')
    assert.equal(fails(c, refused), 'd after 0')
    assert.match(fails(d, refused) ?? '', /^a after [1-9]/, 'then one that was tried, after a pause')
  })

  test('nothing when the attempts are used up: those of the route, or of the group', () => {
    const [a, b, c] = weighted(1, 1, 1)
    const usual = planned({ targets: [a, b, c] })
    assert.equal(usual.fails(a, refused), 'b after 0')
    assert.equal(usual.fails(b, refused), 'c after 0')
    assert.equal(usual.fails(c, refused), undefined)
    assert.equal(planned({ targets: [a, b], route: { retry: { attempts: 1 } } }).fails(a, refused), undefined)
  })

  test('nothing when it may not be repeated: what came, what was sent, what the route says', () => {
    const targets = weighted(1, 1)
    const [a] = targets
    for (const [outcome, request, route] of [
      [answered(500), get, {}],
      [answered(200), get, {}],
      [aborted, get, {}],
      [reset, post, {}],
      [refused, { ...get, replayable: false }, {}],
      [answered(503), get, { retry: { on: new Set([502]) } }]
    ] as const)
      assert.equal(planned({ targets, route }).fails(a, outcome, 0, request), undefined)
    assert.match(planned({ targets, route: { retry: { unsafe: true } } }).fails(a, reset, 0, post) ?? '', /^b after/)
    assert.equal(planned({ targets }).fails(a, refused, 0, post), 'b after 0')
  })

  test('nothing when the time is over, or would be after the wait', () => {
    const targets = weighted(1, 1)
    const [a] = targets
    assert.equal(planned({ targets }).fails(a, refused, 9999), 'b after 0')
    assert.equal(planned({ targets }).fails(a, refused, 10_000), undefined)
    assert.equal(planned({ targets }).fails(a, reset, 9990), undefined)
  })

  test('nothing when no gate admits anything', () => {
    const targets = weighted(1, 1)
    const [a] = targets
    const { fails } = planned({ targets, more: { gates: new Gates([refusing(new Set(targets))]) } })
    assert.equal(fails(a, refused), undefined)
  })

  test('the one that was tried, when the gates have shut all others meanwhile', () => {
    const [a, b] = weighted(1, 1)
    const { fails } = planned({ targets: [a, b], more: { gates: new Gates([refusing(new Set([b]))]) } })
    assert.match(fails(a, refused) ?? '', /^a after [1-9]/)
  })

  test('only what a plugin has left of the candidates', () => {
    const [a, b, c] = weighted(1, 1, 1)
    const { fails, exchange } = planned({ targets: [a, b, c] })
    exchange.candidates = [a, c]
    assert.equal(fails(a, refused), 'c after 0')
  })

  test('a target of the same tier while one is untried, whatever is drawn, and then of the next', () => {
    const [a, b] = [target('a'), target('b')]
    const [y, z] = [target('y', { tier: 1 }), target('z', { tier: 2 })]
    for (const random of [() => 0, () => 0.5, () => 0.999]) {
      const { fails } = planned({ targets: [a, b, y, z], random, route: { retry: { attempts: 5 } } })
      assert.equal(fails(a, refused), 'b after 0')
      assert.equal(fails(b, refused), 'y after 0')
      assert.equal(fails(y, refused), 'z after 0')
    }
  })

  test('a target of the fallback group when the own has none left', () => {
    const [a, z] = [target('a'), target('z')]
    const fallback = group('spare', [z])
    const more = { fallback, candidates: [a, z] }
    const { fails, plan } = planned({ targets: [a], more })
    assert.equal(fails(a, refused), 'z after 0')
    assert.equal(plan.after(refused, get, 0)?.group, fallback)
  })
})

describe('before the next attempt', () => {
  test('there is no wait when nothing had been sent and somebody else can have the request', () => {
    const targets = weighted(1, 1)
    assert.equal(planned({ targets }).fails(targets[0], refused), 'b after 0')
  })

  test('there is a random wait after anything else, its ceiling growing with the attempts', () => {
    const [a, b, c] = weighted(1, 1, 1)
    const { fails } = planned({ targets: [a, b, c], random: () => 0.5, route: { retry: { attempts: 4 } } })
    assert.equal(fails(a, reset), 'b after 12.5')
    assert.equal(fails(b, reset), 'c after 25')
    assert.equal(fails(c, reset), 'a after 50')
  })

  test('a target that is asked again is left the time that it asked for', () => {
    const targets = weighted(1)
    const { fails } = planned({ targets, random: () => 0, route: { retry: { attempts: 5 } } })
    assert.equal(fails(targets[0], answered(503, 2000), 1000), 'a after 2000')
    assert.equal(fails(targets[0], answered(503, 0), 3000), 'a after 0', 'its latest word counts')
    assert.equal(fails(targets[0], answered(503, 6999), 3000), 'a after 6999')
  })

  test('nobody waits for a target that asks for more time than there is', () => {
    const [a, b] = weighted(1, 1)
    const { fails } = planned({ targets: [a, b], random: () => 0, route: { retry: { attempts: 5 } } })
    assert.equal(fails(a, answered(503, 60_000)), 'b after 0', 'another may be asked at once')
    assert.equal(fails(b, answered(503, 1000)), 'b after 1000', 'and then the one that is ready sooner')
    assert.equal(planned({ targets: [a] }).fails(a, answered(503, 10_000)), undefined)
  })
})

describe('a retry', () => {
  test('is counted in the budget, unless nothing had been sent', () => {
    let spent = 0
    const budget = { request() {}, admits: () => spent < 1, spend: () => void spent++ }
    const [a, b, c] = weighted(1, 1, 1)
    const { fails } = planned({ targets: [a, b, c], more: { budget }, route: { retry: { attempts: 9 } } })
    assert.equal(fails(a, refused), 'b after 0')
    assert.equal(spent, 0)
    assert.match(fails(b, reset) ?? '', /^c/)
    assert.equal(spent, 1)
    assert.equal(fails(c, reset), undefined, 'the budget is spent')
    assert.match(fails(c, refused) ?? '', /^a/, 'but not for one that was never sent')
    assert.equal(spent, 1)
  })

  test('costs nothing while it is only asked whether it could follow', () => {
    const budget = { request() {}, admits: () => true, spend: () => assert.fail('nothing is spent') }
    const targets = weighted(1, 1)
    const { plan, exchange } = planned({ targets, more: { budget } })
    tried(exchange, targets[0], reset)
    assert.equal(plan.mayFollow(reset, get, 0), true)
  })

  test('is told to whoever observes the group, with what it follows', () => {
    const observer = recorder()
    const targets = weighted(1, 1, 1)
    const { fails } = planned({ targets, more: { observers: [observer] } })
    fails(targets[0], answered(503))
    fails(targets[1], refused)
    fails(targets[2], refused)
    assert.deepEqual(observer.told, ['retried 503', 'retried refused'])
  })

  test('does not move the rotation on', () => {
    const targets = weighted(1, 1, 1)
    const picker = roundRobin()
    const context = { now: 0, random: () => 0, retry: false }
    assert.equal(picker.pick(targets, context).id, 'a')
    const { fails } = planned({ targets, picker })
    assert.equal(fails(targets[0], refused), 'b after 0')
    assert.equal(fails(targets[1], refused), 'c after 0')
    assert.equal(picker.pick(targets, context).id, 'b')
  })
})

describe('once there was a wait, the attempt goes', () => {
  /** Of three targets a has failed and, with `down`, these are shut; then the wait is over. */
  function waited(targets: readonly [Target, Target, Target], failedFirst = true) {
    const down = new Set<Target>()
    const { own, plan, exchange } = planned({ targets, more: { gates: new Gates([refusing(down)]) } })
    if (failedFirst) tried(exchange, targets[0], reset)
    const goes = (to: Target, now = 100) => plan.admitted({ group: own, target: to }, now)?.target.id
    return { down, goes, exchange }
  }

  test('where it was to go, as long as that is open', () => {
    const [a, b, c] = weighted(1, 1, 1)
    assert.equal(waited([a, b, c]).goes(c), 'c')
    const high = target('high', { tier: 1 })
    assert.equal(waited([a, b, high], false).goes(high), 'high', 'the first place is as load balancing has drawn it')
  })

  test('to another one when that has shut, and nowhere when all have', () => {
    const [a, b, c] = weighted(1, 1, 1)
    const { down, goes } = waited([a, b, c])
    down.add(c)
    assert.equal(goes(c), 'b')
    down.add(b).add(a)
    assert.equal(goes(c), undefined)
  })

  test('to one that is untried, or of a lower tier, when it has come back', () => {
    const [a, b] = weighted(1, 1)
    const c = target('c', { tier: 1 })
    const { down, goes } = waited([a, b, c])
    assert.equal(goes(a), 'b')
    assert.equal(goes(c), 'b')
    down.add(b)
    assert.equal(goes(a), 'c')
  })

  test('to nobody who has asked not to be asked yet', () => {
    const [a, b, c] = weighted(1, 1, 1)
    const { down, goes, exchange } = waited([a, b, c])
    tried(exchange, b, answered(503, 1000))
    down.add(a).add(c)
    assert.equal(goes(a), undefined)
    assert.equal(goes(a, 1000), 'b')
  })
})

test('a failed attempt says nothing of a tier: it stays the one that serves', () => {
  const [a, y] = [target('a'), target('y', { tier: 1 })]
  for (const failback of ['gradual', 'delayed', 'manual'] as const) {
    const selector = new GroupSelector(first(), new Tiers({ spill: 1.4, failback, holdMs: 30_000 }))
    const { fails, own } = planned({ targets: [a, y], more: { selector } })
    assert.equal(fails(a, refused), 'y after 0')
    const context = { now: 1, random: () => 0.5, retry: false }
    assert.equal(own.selector.select(own.targets, own.targets, context), a, failback)
  }
})
