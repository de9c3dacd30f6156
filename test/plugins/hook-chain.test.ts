import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import circuitBreaking from '../../plugins/circuit-breaking.ts'
import exchange, { exchangeOf } from '../../plugins/exchange.ts'
import failover from '../../plugins/failover.ts'
import loadBalancing from '../../plugins/load-balancing.ts'
import { first } from '../../src/balance/first.ts'
import { Gates } from '../../src/model/gate.ts'
import type { Group } from '../../src/model/group.ts'
import { requestKey } from '../../src/model/request-key.ts'
import type { Target } from '../../src/model/target.ts'
import { group, refusing } from '../unit/fixtures/groups.ts'
import { routeTo } from '../unit/fixtures/routes.ts'
import { target, weighted } from '../unit/fixtures/targets.ts'
import { exchanging, reading } from './bare.ts'

const clock = () => 1000
const never = () => assert.fail('nothing is drawn')

/** What the chain leaves for a request to this group; a plugin may come before it. */
async function chain(t: TestContext, to: Group, narrow: (candidates: readonly Target[]) => readonly Target[] = all => all) {
  const app = await exchanging(t, [routeTo('/', to)])
  app.addHook('preHandler', async request => {
    const own = exchangeOf(request)
    own.candidates = narrow(own.candidates)
  })
  await app.register(circuitBreaking, { clock })
  await app.register(loadBalancing, { random: never })
  await app.register(failover, { clock, random: never })
  app.get('/*', async request => {
    const { reach, picked, plan } = exchangeOf(request)
    return {
      group: reach?.group.name,
      open: reach?.open.map(({ id }) => id).join(' '),
      picked: picked?.id,
      first: plan?.first.target.id
    }
  })
  return app
}

describe('the exchange', () => {
  test('is opened with the route, the one reading of the path and every target of the group', async t => {
    const own = group('own', weighted(1, 1))
    const app = await exchanging(t, [routeTo('/orders', own)])
    app.get('/*', async request => {
      const { id, route, group: to, path, search, startedAt, candidates } = exchangeOf(request)
      assert.equal(to, own)
      assert.equal(candidates, own.candidates)
      assert.equal(id, request.id)
      return { prefix: route.prefix, path, search, startedAt }
    })
    const response = await app.inject('/orders/%7e?a=1')
    assert.deepEqual(response.json(), { prefix: '/orders', path: '/orders/~', search: '?a=1', startedAt: 1000 })
  })

  test('of a split goes to a group that is drawn, or that the key of the request says', async t => {
    const shares = [
      { group: group('one'), share: 1 },
      { group: group('two'), share: 1 }
    ]
    const by = requestKey('header:x-user')
    assert.ok(by !== undefined)
    const byKey: string[] = []
    for (const draw of [0.1, 0.9]) {
      const app = await exchanging(
        t,
        [
          routeTo('/', group('none'), { destination: { kind: 'split', shares } }),
          routeTo('/by', group('none'), { destination: { kind: 'split', shares, by } })
        ],
        () => draw
      )
      app.get('/*', async request => exchangeOf(request).group.name)
      const drawn = draw < 0.5 ? 'one' : 'two'
      assert.equal((await app.inject('/')).body, drawn)
      assert.equal((await app.inject('/by')).body, drawn, 'without the key')
      const chosen: string[] = []
      for (let user = 0; user < 20; user++)
        chosen.push((await app.inject({ url: '/by', headers: { 'x-user': `u${user}` } })).body)
      assert.deepEqual([...new Set(chosen)].sort(), ['one', 'two'])
      byKey.push(chosen.join(' '))
    }
    assert.equal(byKey[0], byKey[1], 'a key does not depend on what is drawn')
  })

  test('is not there before the chain begins, which is an error of whoever asks', async t => {
    const app = reading(t, [])
    app.decorateRequest('exchange', null)
    app.get('/', async request => exchangeOf(request))
    const response = await app.inject('/')
    assert.match(response.body, /the exchange plugin must come before/)
  })

  test('cannot be had without what reads requests', async t => {
    const app = reading(t, [])
    await assert.rejects(async () => app.register(exchange, { clock, random: never }), /routing/)
  })
})

describe('the hook chain', () => {
  const [a, b, c] = weighted(1, 1, 1)
  const all = [a, b, c]

  test('leaves a plan that begins with the picked one of the admitted', async t => {
    const app = await chain(t, group('own', all, { gates: new Gates([refusing(new Set([a]))]) }))
    assert.deepEqual((await app.inject('/')).json(), { group: 'own', open: 'b c', picked: 'b', first: 'b' })
  })

  test('uses only what a plugin has left', async t => {
    const app = await chain(t, group('own', all, { gates: new Gates([refusing(new Set([b]))]) }), candidates =>
      candidates.slice(1)
    )
    assert.deepEqual((await app.inject('/')).json(), { group: 'own', open: 'c', picked: 'c', first: 'c' })
  })

  test('uses nothing that a plugin has put in', async t => {
    const app = await chain(t, group('own', [a]), candidates => [target('foreign'), ...candidates])
    assert.equal((await app.inject('/')).json().open, 'a')
  })

  test('goes on to the fallback group where the own has nobody left', async t => {
    const [y, z] = [target('y'), target('z')]
    const fallback = group('spare', [y, z])
    const own = group('own', [a], { candidates: [a, y, z], fallback, gates: new Gates([refusing(new Set([a]))]) })
    assert.deepEqual((await (await chain(t, own)).inject('/')).json(), { group: 'spare', open: 'y z', picked: 'y', first: 'y' })
    const narrowed = await chain(t, own, candidates => candidates.filter(({ id }) => id !== 'y'))
    assert.equal((await narrowed.inject('/')).json().picked, 'z', 'plugins narrow it as well')
  })

  test('gives the algorithm the key that it asks for', async t => {
    const key = requestKey('header:x-user')
    assert.ok(key !== undefined)
    const asked: (string | undefined)[] = []
    const own = group('own', all, {
      picker: { ...first(), key },
      selector: {
        select(_candidates, open, context) {
          asked.push(context.key)
          assert.deepEqual([context.now, context.retry], [1000, false])
          return first().pick(open, context)
        }
      }
    })
    const app = await chain(t, own)
    await app.inject({ url: '/', headers: { 'x-user': 'u1' } })
    await app.inject('/')
    assert.deepEqual(asked, ['u1', undefined])
  })

  test('asks the gates at each request anew', async t => {
    const refused = new Set<Target>()
    const app = await chain(t, group('own', all, { gates: new Gates([refusing(refused)]) }))
    assert.equal((await app.inject('/')).json().picked, 'a')
    refused.add(a)
    assert.equal((await app.inject('/')).json().picked, 'b')
  })
})

describe('where nobody is left the answer is 503', () => {
  const [a, b] = weighted(1, 1)
  const shut = (admitsAt: (each: Target) => number | undefined) =>
    group('own', [a, b], { gates: new Gates([refusing(new Set([a, b]), { admitsAt })]) })

  test('with the seconds until the first gate may open, rounded up', async t => {
    for (const [opensAt, seconds] of [
      [4200, '4'],
      [1001, '1'],
      [1000, '1'],
      [500, '1']
    ] as const) {
      const app = await chain(
        t,
        shut(each => (each === b ? opensAt : 60_000))
      )
      const response = await app.inject('/')
      assert.deepEqual([response.statusCode, response.json().code], [503, 'EG_NO_TARGET'])
      assert.equal(response.headers['retry-after'], seconds, `${opensAt}`)
    }
  })

  test('with a second where no gate knows', async t => {
    const response = await (
      await chain(
        t,
        shut(() => undefined)
      )
    ).inject('/')
    assert.equal(response.headers['retry-after'], '1')
  })

  test('when a plugin leaves nothing', async t => {
    const response = await (await chain(t, group('own', [a, b]), () => [])).inject('/')
    assert.deepEqual([response.statusCode, response.json().code], [503, 'EG_NO_TARGET'])
  })
})
