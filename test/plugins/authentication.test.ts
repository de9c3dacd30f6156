import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import authentication from '../../plugins/authentication.ts'
import completion from '../../plugins/completion.ts'
import errors from '../../plugins/errors.ts'
import origin from '../../plugins/origin.ts'
import routing from '../../plugins/routing.ts'
import type { Authenticator, CredentialRequest, Identification, RouteAuth } from '../../src/model/authenticator.ts'
import { Meters } from '../../src/observe/meters.ts'
import { route } from '../unit/fixtures/routes.ts'
import { consumer } from '../unit/security/auth/consumers.ts'
import { originOptions, reading } from './bare.ts'

const ann = consumer({ claims: { sub: 'ann' }, scopes: new Set(['a']) })

/** An app with one route that asks for this; everything below it tells what the plugin found out. */
async function asking(t: TestContext, identify: Authenticator['identify'], more: Partial<RouteAuth> = {}) {
  const authenticator: Authenticator = { kind: 'jwt', challenge: () => 'Bearer realm="r"', identify }
  const auth: RouteAuth = {
    authenticators: [authenticator],
    require: 'any',
    scopes: [],
    claims: [],
    forward: [['sub', 'x-user-id']],
    observe: false,
    ...more
  }
  const meters = new Meters([1])
  const options = originOptions()
  const app = reading(t, [route('/closed', { auth }), route('/open')], options)
  await app.register(errors)
  await app.register(completion)
  await app.register(origin, options)
  await app.register(routing, options)
  await app.register(authentication, { meters })
  app.all('/*', async ({ consumer: who, identity }) => ({ name: who?.name ?? null, identity }))
  const refusals = () =>
    meters
      .metrics()
      .find(({ name }) => name === 'evergate_auth_refused_total')
      ?.samples()
  return { app, refusals }
}

const is: Identification = { kind: 'consumer', consumer: ann }
const absent: Identification = { kind: 'absent' }

const told = ({ statusCode, headers, body }: LightMyRequestResponse) => [
  statusCode,
  JSON.parse(body).code,
  headers['www-authenticate']
]

describe('authentication', () => {
  test('leaves alone a route that asks for nobody', async t => {
    const { app } = await asking(t, () => assert.fail('asked'))
    assert.deepEqual((await app.inject('/open')).json(), { name: null, identity: null })
  })

  test('says who it is, and what the upstream is told', async t => {
    const { app, refusals } = await asking(t, () => is)
    assert.deepEqual((await app.inject('/closed/x')).json(), { name: 'ann', identity: ['x-user-id', 'ann'] })
    assert.deepEqual(refusals(), [])
  })

  test('waits for who has to ask', async t => {
    const { app } = await asking(t, async () => is)
    assert.equal((await app.inject('/closed')).json().name, 'ann')
  })

  test('lets nobody in where an authenticator fails', async t => {
    for (const fails of [() => Promise.reject(new Error('10.0.0.1')), () => assert.fail('10.0.0.1')]) {
      const { app } = await asking(t, fails)
      const answer = await app.inject('/closed')
      assert.deepEqual(told(answer), [500, 'EG_INTERNAL', undefined])
      assert.ok(!answer.body.includes('10.0.0.1'))
    }
  })

  test('shows an authenticator the request as it was read', async t => {
    const seen: CredentialRequest[] = []
    const { app } = await asking(t, request => {
      const { method, path, search, host, ip, headers } = request
      seen.push({ method, path, search, host, ip, headers: { 'x-a': headers['x-a'] } })
      return is
    })
    await app.inject({ method: 'PUT', url: '/closed/%7e/../y?a=1', headers: { host: 'Shop.test:80', 'x-a': '1' } })
    assert.deepEqual(seen, [
      { method: 'PUT', path: '/closed/y', search: '?a=1', host: 'Shop.test:80', ip: '127.0.0.1', headers: { 'x-a': '1' } }
    ])
  })

  test('answers 401 where nobody is known, and counts why', async t => {
    const { app, refusals } = await asking(t, ({ search }) => (search === '' ? absent : { kind: 'refused', reason: 'expired' }))
    for (const url of ['/closed', '/closed?late', '/closed'])
      assert.deepEqual(told(await app.inject(url)), [401, 'EG_UNAUTHENTICATED', 'Bearer realm="r"'])
    assert.deepEqual(refusals(), [
      { value: 2, labels: { route: '/closed', reason: 'missing' } },
      { value: 1, labels: { route: '/closed', reason: 'expired' } }
    ])
  })

  test('answers 403 where it is known who it is, and that is not enough', async t => {
    const { app, refusals } = await asking(t, () => is, { scopes: ['b'] })
    assert.deepEqual(told(await app.inject('/closed')), [403, 'EG_FORBIDDEN', 'Bearer realm="r"'])
    assert.deepEqual(refusals(), [{ value: 1, labels: { route: '/closed', reason: 'scope' } }])
  })

  test('answers 503 where nobody can say', async t => {
    const { app } = await asking(t, async () => ({ kind: 'refused', reason: 'unavailable' }))
    const answer = await app.inject('/closed')
    assert.deepEqual(told(answer), [503, 'EG_AUTH_UNAVAILABLE', undefined])
    assert.equal(answer.headers['retry-after'], '10')
  })

  test('refuses nobody where it only observes, and counts the same', async t => {
    const { app, refusals } = await asking(t, ({ search }) => (search === '' ? absent : is), { observe: true, scopes: ['b'] })
    assert.deepEqual((await app.inject('/closed')).json(), { name: null, identity: null })
    assert.deepEqual((await app.inject('/closed?known')).json(), { name: 'ann', identity: ['x-user-id', 'ann'] })
    assert.deepEqual(refusals(), [
      { value: 1, labels: { route: '/closed', reason: 'missing' } },
      { value: 1, labels: { route: '/closed', reason: 'scope' } }
    ])
  })
})
