import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import completion from '../../plugins/completion.ts'
import errors from '../../plugins/errors.ts'
import origin from '../../plugins/origin.ts'
import pluginLimits from '../../plugins/plugin-limits.ts'
import rateLimiting from '../../plugins/rate-limiting.ts'
import routing from '../../plugins/routing.ts'
import type { OwnLimit } from '../../src/model/consumer.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { RateLimit } from '../../src/model/rate-limit.ts'
import type { Route } from '../../src/model/route.ts'
import { Meters } from '../../src/observe/meters.ts'
import { Limiter } from '../../src/rate-limit/limiter.ts'
import { LocalStore } from '../../src/rate-limit/local-store.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { route } from '../unit/fixtures/routes.ts'
import { originOptions, reading } from './bare.ts'

const limit = (by: string, more: Partial<RateLimit> = {}): RateLimit => ({
  name: by.replace(':', '-'),
  limit: 2,
  windowMs: 60_000,
  algorithm: 'sliding',
  by,
  legacyHeaders: false,
  ...more
})

/** Stands where authentication will: `x-user` says who asks, and `nobody` may not. `own`: their own limits. */
function authenticate(app: FastifyInstance, own: ReadonlyMap<string, OwnLimit>): void {
  if (!app.hasRequestDecorator('consumer')) app.decorateRequest('consumer', null)
  app.addHook('onRequest', (request, _reply, done) => {
    const name = request.headers['x-user']
    if (name === 'nobody') return done(new GatewayError('EG_UNAUTHENTICATED'))
    const limit = own.get(String(name))
    if (typeof name === 'string')
      request.consumer = {
        name,
        kind: 'apiKey',
        scopes: new Set(),
        labels: {},
        claims: { plan: 'free' },
        ...(limit && { limit })
      }
    done()
  })
}

async function limited(t: TestContext, routes: readonly Route[]) {
  const options = originOptions()
  const app = reading(t, routes, options)
  const clock = fakeClock(1000)
  const limiter = new Limiter(routes, new LocalStore(clock), 'secret', clock)
  const meters = new Meters([1])
  await app.register(errors)
  await app.register(completion)
  await app.register(origin, options)
  await app.register(routing, options)
  await app.register(rateLimiting, { limiter, meters, place: 'address' })
  const own = new Map<string, OwnLimit>()
  authenticate(app, own)
  await app.register(rateLimiting, { limiter, meters, place: 'identity' })
  const ask = async (url: string, headers: Record<string, string> = {}) => {
    const { statusCode, headers: fields } = await app.inject({ url, headers })
    return { status: statusCode, fields }
  }
  const counted = () =>
    meters
      .metrics()
      .find(({ name }) => name === 'evergate_rate_limited_total')
      ?.samples()
  return { app, clock, ask, counted, own }
}

const served = (app: FastifyInstance) => app.get('/*', async () => 'in')

describe('a limited route', () => {
  test('refuses what is above the limit, says when to come back, and takes it then', async t => {
    const { app, clock, ask, counted } = await limited(t, [route('/', { rateLimits: [limit('ip')] })])
    served(app)
    assert.deepEqual([(await ask('/')).status, (await ask('/')).status], [200, 200])
    const { status, fields } = await ask('/')
    assert.equal(status, 429)
    assert.equal(fields['content-type'], 'application/problem+json; charset=utf-8')
    assert.equal(fields['retry-after'], '60')
    assert.deepEqual(counted(), [{ value: 1, labels: { route: '/' } }])
    clock.advance(60_000)
    assert.equal((await ask('/')).status, 200)
  })

  test('says on every answer how its limits stand, on errors too', async t => {
    const limits = [limit('ip', { limit: 9 }), limit('consumer', { limit: 5, legacyHeaders: true })]
    const { app, ask } = await limited(t, [route('/', { rateLimits: limits })])
    app.get('/fails', async () => {
      throw new Error('inside')
    })
    served(app)
    const policy = '"ip";q=9;w=60, "consumer";q=5;w=60'
    const good = (await ask('/', { 'x-user': 'ann' })).fields
    assert.deepEqual([good['ratelimit-policy'], good['ratelimit']], [policy, '"ip";r=8;t=60, "consumer";r=4;t=60'])
    assert.deepEqual([good['x-ratelimit-limit'], good['x-ratelimit-remaining'], good['x-ratelimit-reset']], ['5', '4', '60'])
    const refused = await ask('/', { 'x-user': 'nobody' })
    assert.deepEqual([refused.status, refused.fields['ratelimit-policy']], [401, policy])
    assert.equal(refused.fields['ratelimit'], '"ip";r=7;t=60')
    const failed = await ask('/fails', { 'x-user': 'ann' })
    assert.deepEqual([failed.status, failed.fields['ratelimit']], [500, '"ip";r=6;t=60, "consumer";r=3;t=60'])
  })

  test('stands beside what an upstream says of limits of its own', async t => {
    const { app, ask } = await limited(t, [route('/', { rateLimits: [limit('ip')] })])
    app.get('/*', async (_request, reply) => reply.header('ratelimit', '"theirs";r=1').send('in'))
    assert.equal((await ask('/')).fields['ratelimit'], '"theirs";r=1, "ip";r=1;t=60')
  })

  test('does not count what another route takes, and a route without limits says nothing', async t => {
    const rateLimits = [limit('ip', { limit: 1 })]
    const { app, ask } = await limited(t, [route('/a', { rateLimits }), route('/b', { rateLimits }), route('/')])
    served(app)
    for (const path of ['/a', '/b']) assert.deepEqual([(await ask(path)).status, (await ask(path)).status], [200, 429])
    const { status, fields } = await ask('/c')
    assert.deepEqual([status, fields['ratelimit'], fields['ratelimit-policy']], [200, undefined, undefined])
  })

  test('asks who is refused by address nothing more: neither credentials nor other limits', async t => {
    const limits = [limit('ip', { limit: 1 }), limit('consumer', { limit: 5 })]
    const { app, ask } = await limited(t, [route('/', { rateLimits: limits })])
    served(app)
    await ask('/', { 'x-user': 'ann' })
    const { status, fields } = await ask('/', { 'x-user': 'nobody' })
    assert.deepEqual([status, fields['ratelimit']], [429, '"ip";r=0;t=60'])
  })

  test('counts consumers apart, and by what their claims say', async t => {
    const limits = [limit('consumer', { limit: 1 }), limit('claim:plan', { limit: 2 })]
    const { app, ask } = await limited(t, [route('/', { rateLimits: limits })])
    served(app)
    const statuses = []
    for (const user of ['ann', 'ann', 'bob', 'eve']) statuses.push((await ask('/', { 'x-user': user })).status)
    // Ann is refused as a consumer; eve because the plan is used up, of which ann's refusal took nothing.
    assert.deepEqual(statuses, [200, 429, 200, 429])
  })
})

describe('a consumer with a limit of its own', () => {
  const limits = [limit('ip', { limit: 100 }), limit('consumer', { legacyHeaders: true })]

  test('has it in place of that of the route, in the decision and in all fields; others have that of the route', async t => {
    const { app, ask, own } = await limited(t, [route('/', { rateLimits: limits })])
    served(app)
    own.set('ann', { limit: 3, windowMs: 10_000 })
    const answers = []
    for (const user of ['ann', 'bob', 'ann', 'bob', 'ann', 'bob', 'ann']) answers.push(await ask('/', { 'x-user': user }))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 429, 429]
    )
    const [ofAnn, ofBob] = [answers[6]?.fields, answers[5]?.fields]
    assert.equal(ofAnn?.['ratelimit-policy'], '"ip";q=100;w=60, "consumer";q=3;w=10')
    assert.equal(ofAnn?.['ratelimit'], '"ip";r=93;t=60, "consumer";r=0;t=10')
    assert.deepEqual([ofAnn?.['retry-after'], ofAnn?.['x-ratelimit-limit'], ofAnn?.['x-ratelimit-reset']], ['10', '3', '10'])
    assert.equal(ofBob?.['ratelimit-policy'], '"ip";q=100;w=60, "consumer";q=2;w=60')
    assert.deepEqual([ofBob?.['retry-after'], ofBob?.['x-ratelimit-limit']], ['60', '2'])
  })

  test('that changes is followed by the next request, and does not begin anew within the same window', async t => {
    const { app, clock, ask, own } = await limited(t, [route('/', { rateLimits: [limit('consumer')] })])
    served(app)
    const said = async () => {
      const { status, fields } = await ask('/', { 'x-user': 'ann' })
      return [status, fields['ratelimit-policy'], fields['ratelimit']]
    }
    own.set('ann', { limit: 1, windowMs: 60_000 })
    assert.deepEqual(await said(), [200, '"consumer";q=1;w=60', '"consumer";r=0;t=60'])
    own.set('ann', { limit: 3, windowMs: 60_000 })
    assert.deepEqual(await said(), [200, '"consumer";q=3;w=60', '"consumer";r=1;t=60'])
    own.delete('ann')
    assert.deepEqual(await said(), [429, '"consumer";q=2;w=60', '"consumer";r=0;t=60'])
    own.set('ann', { limit: 1, windowMs: 1000 })
    assert.deepEqual(await said(), [200, '"consumer";q=1;w=1', '"consumer";r=0;t=1'])
    assert.deepEqual((await said())[0], 429)
    clock.advance(1000)
    assert.deepEqual((await said())[0], 200)
  })

  test('has it at no limit that counts something else', async t => {
    const others = [
      limit('ip', { limit: 9 }),
      limit('claim:plan', { limit: 9 }),
      limit('consumer', { limit: 1, algorithm: 'concurrency', windowMs: 0 })
    ]
    const { app, ask, own } = await limited(t, [route('/', { rateLimits: others })])
    served(app)
    own.set('ann', { limit: 1, windowMs: 1000 })
    const policy = '"ip";q=9;w=60, "claim-plan";q=9;w=60, "consumer";q=1;qu="concurrent-requests"'
    for (let count = 0; count < 3; count++) {
      const { status, fields } = await ask('/', { 'x-user': 'ann' })
      assert.deepEqual([status, fields['ratelimit-policy']], [200, policy])
    }
  })
})

test('observed, a limit decides, reports and counts, and refuses nobody', async t => {
  const { app, ask, counted } = await limited(t, [route('/', { rateLimits: [limit('ip', { limit: 1 })], observe: true })])
  served(app)
  const answers = [await ask('/'), await ask('/'), await ask('/')]
  assert.deepEqual(
    answers.map(({ status, fields }) => [status, fields['ratelimit']]),
    [
      [200, '"ip";r=0;t=60'],
      [200, '"ip";r=0;t=60'],
      [200, '"ip";r=0;t=60']
    ]
  )
  assert.deepEqual(counted(), [{ value: 2, labels: { route: '/' } }])
})

describe('requests under way', () => {
  test('give their place back when they end, however they end', async t => {
    const rateLimits = [limit('route', { algorithm: 'concurrency', limit: 1, windowMs: 0 })]
    const { app, ask } = await limited(t, [route('/', { rateLimits })])
    let inside: () => void = () => {}
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const entered = new Promise<void>(resolve => {
      inside = resolve
    })
    app.get('/waits', async () => {
      inside()
      await released
      return 'in'
    })
    app.get('/fails', async () => {
      throw new Error('inside')
    })
    served(app)
    const first = ask('/waits')
    await entered
    const refused = await ask('/')
    assert.deepEqual([refused.status, refused.fields['retry-after']], [429, '1'])
    release()
    assert.equal((await first).status, 200)
    for (const expected of [500, 500]) assert.equal((await ask('/fails')).status, expected)
    assert.equal((await ask('/', { 'x-user': 'nobody' })).status, 401)
    assert.equal((await ask('/')).status, 200)
  })
})

describe('a key that a plugin reads', () => {
  test('counts requests together', async t => {
    const { app, ask } = await limited(t, [route('/', { rateLimits: [limit('plugin:tenant', { limit: 1 })] })])
    app.rateLimitKey('tenant', request => String(request.headers['x-tenant']))
    served(app)
    const statuses = []
    for (const tenant of ['a', 'a', 'b']) statuses.push((await ask('/', { 'x-tenant': tenant })).status)
    assert.deepEqual(statuses, [200, 429, 200])
  })

  test('that no plugin adds is found at the start', async t => {
    const { app } = await limited(t, [route('/', { rateLimits: [limit('plugin:tenant')] })])
    await assert.rejects(async () => app.ready(), /plugin:tenant/)
  })

  test('that fails is a failure of the gateway, not of the process', async t => {
    const { app, ask } = await limited(t, [route('/', { rateLimits: [limit('plugin:tenant')] })])
    app.rateLimitKey('tenant', () => {
      throw new Error('inside')
    })
    served(app)
    assert.equal((await ask('/')).status, 500)
  })
})

describe('a limit that a plugin makes with @fastify/rate-limit', () => {
  test('is counted by the store of the gateway', async t => {
    const { app, clock, ask } = await limited(t, [route('/')])
    await app.register(pluginLimits, { store: new LocalStore(clock), secret: 'secret' })
    const [few, others] = [2, 1].map(max => app.createRateLimit({ max, timeWindow: 1000, keyGenerator: () => 'all' }))
    app.addHook('onRequest', async request => {
      const limit = request.url === '/others' ? others : few
      const answer = await limit?.(request)
      if (answer?.isAllowed === false && answer.isExceeded) throw new GatewayError('EG_RATE_LIMITED', undefined, {})
    })
    served(app)
    const statuses = []
    for (const path of ['/', '/', '/', '/others', '/others']) statuses.push((await ask(path)).status)
    assert.deepEqual(statuses, [200, 200, 429, 200, 429])
    clock.advance(1000)
    assert.equal((await ask('/')).status, 200)
  })
})
