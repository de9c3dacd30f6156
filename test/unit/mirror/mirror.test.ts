import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IgnoredFields } from '../../../src/mirror/ignored-fields.ts'
import { Mirror, type MirrorParts, mostUnderWay, UnderWay } from '../../../src/mirror/mirror.ts'
import type { Admitting, Waiting } from '../../../src/model/admitting.ts'
import { Gates } from '../../../src/model/gate.ts'
import type { Group } from '../../../src/model/group.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { group, refusing } from '../fixtures/groups.ts'
import { target } from '../fixtures/targets.ts'

const [a, b] = [target('a'), target('b')]
const request = { headers: {}, search: '', path: '/', ip: '10.0.0.1' }

function mirror(more: Partial<MirrorParts> = {}, to: Partial<Group> = {}) {
  const counted: string[] = []
  const made = new Mirror(group('copy', [a, b], to), {
    share: 1,
    underWay: new UnderWay(),
    random: seededRandom(1),
    counted: result => void counted.push(result),
    differed: () => {},
    ...more
  })
  return { made, counted }
}

test('its share is drawn', () => {
  const drawn = (share: number) => {
    const { made } = mirror({ share })
    return Array.from({ length: 1000 }, () => made.draws()).filter(Boolean).length
  }
  assert.deepEqual([drawn(0), drawn(1)], [0, 1000])
  const tenth = drawn(0.1)
  assert.ok(tenth > 60 && tenth < 140, String(tenth))
})

test('a copy goes to a target that every gate admits, and is dropped where there is none', () => {
  const refused = new Set([a])
  const { made, counted } = mirror({}, { gates: new Gates([refusing(refused)]) })
  assert.equal(made.enter(request, 0)?.target, b)
  refused.add(b)
  assert.equal(made.enter(request, 0), undefined)
  assert.deepEqual(counted, ['dropped'])
})

test('a bounded number is under way, over all routes that share the group', () => {
  const underWay = new UnderWay()
  const [one, other] = [mirror({ underWay }), mirror({ underWay })]
  const places = Array.from({ length: mostUnderWay }, () => one.made.enter(request, 0))
  assert.ok(places.every(place => place !== undefined))
  assert.equal(other.made.enter(request, 0), undefined)
  assert.deepEqual(other.counted, ['dropped'])
  places[0]?.leave(0)
  assert.notEqual(other.made.enter(request, 0), undefined)
  assert.equal(underWay.count, mostUnderWay)
})

test('a copy never waits for its turn, and puts nobody out', () => {
  const entered: Waiting[] = []
  let left = 0
  const admission = {
    limit: 1,
    inFlight: 0,
    waiting: 0,
    enter(waiting: Waiting) {
      entered.push(waiting)
      return () => void left++
    }
  }
  const { made, counted } = mirror({}, { admission: admission satisfies Admitting })
  // It would have to wait: it leaves at once.
  assert.equal(made.enter(request, 0), undefined)
  assert.deepEqual([entered.length, left], [1, 1])
  admission.inFlight = 1
  assert.equal(made.enter(request, 0), undefined)
  admission.inFlight = 0
  admission.waiting = 1
  assert.equal(made.enter(request, 0), undefined)
  assert.deepEqual([entered.length, counted.length], [1, 3])
})

test('it compares where it is told what to ignore', async () => {
  assert.equal(mirror().made.compares, false)
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const { made, counted } = mirror({
    ignored: new IgnoredFields(['at']),
    differed: (_comparison, difference) => resolve(difference)
  })
  assert.equal(made.compares, true)
  const answer = (text: string) => ({ status: 200, type: 'application/json', coding: undefined, body: Buffer.from(text) })
  made.compare({ requestId: 'r', target: a, original: answer('{"at":1,"n":1}'), copy: answer('{"at":2,"n":2}') })
  assert.deepEqual(await promise, { paths: ['$.n'] })
  assert.deepEqual(counted, ['different'])
})
