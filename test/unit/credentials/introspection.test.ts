import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { Introspection } from '../../../src/credentials/introspection.ts'
import { type Behaviour, upstream } from '../../../src/testing/upstream.ts'
import { asking } from './asking.ts'
import { showing, wordOf } from './shown.ts'

const settings = { clientId: 'gate:way', clientSecret: 's\u00e9cret +', timeout: 1000, cache: 60_000, realm: 'api', passOn: true }
const bearer = (token: string) => showing({ authorization: `Bearer ${token}` })
const json = (value: unknown): Behaviour => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

async function introspecting(t: TestContext, script: Behaviour | readonly Behaviour[], more: Partial<typeof settings> = {}) {
  const server = await upstream(t, script)
  const url = `${server.url}/introspect`
  const { remote, scheduler, events } = asking(t, url)
  const time = { now: 0, wall: 1_000_000_000 }
  const authenticator = new Introspection(
    { ...settings, ...more, url },
    { remote, clock: () => time.now, wallClock: () => time.wall }
  )
  const ask = async (token: string) => wordOf(await authenticator.identify(bearer(token)))
  return { authenticator, ask, server, time, scheduler, events }
}

test('the server is asked as RFC 7662 says, and the answer ends in a consumer', async t => {
  const said = { active: true, sub: 'ann', username: 'Ann', scope: 'orders:read  orders:write', aud: ['api'] }
  const { authenticator, server } = await introspecting(t, json(said))
  const identification = await authenticator.identify(bearer('to/ken+1='))
  assert.deepEqual(identification, {
    kind: 'consumer',
    consumer: { name: 'ann', kind: 'introspection', scopes: new Set(['orders:read', 'orders:write']), labels: {}, claims: said }
  })
  const [request] = server.requests
  const { authorization, 'content-type': type } = request?.headers ?? {}
  const credentials = `Basic ${Buffer.from('gate%3Away:s%C3%A9cret+%2B').toString('base64')}`
  assert.deepEqual([request?.method, request?.url, authorization], ['POST', '/introspect', credentials])
  assert.equal(type, 'application/x-www-form-urlencoded')
  assert.equal(request?.body.toString(), 'token=to%2Fken%2B1%3D&token_type_hint=access_token')
})

describe('the name', () => {
  const table: readonly (readonly [said: object, name: string])[] = [
    [{ sub: 's', username: 'u', client_id: 'c' }, '(s)'],
    [{ sub: '', username: 'u', client_id: 'c' }, '(u)'],
    [{ sub: 7, client_id: 'c' }, '(c)'],
    [{}, '(anonymous)']
  ]
  for (const [said, name] of table)
    test(`of ${JSON.stringify(said)} is ${name}`, async t => {
      const { ask } = await introspecting(t, json({ active: true, ...said }))
      assert.equal(await ask('x'), name)
    })
})

describe('nobody gets in', () => {
  const table: readonly (readonly [what: string, answer: Behaviour, word: string])[] = [
    ['by a token that is not active', json({ active: false, sub: 'ann' }), 'invalid'],
    ['by one that has ended', json({ active: true, exp: 1_000_000 }), 'expired'],
    ['by one that has not begun', json({ active: true, nbf: 1_000_001 }), 'invalid'],
    ['when active is a text', json({ active: 'true' }), 'unavailable'],
    ['when active is missing', json({ sub: 'ann' }), 'unavailable'],
    ['when exp is a text', json({ active: true, exp: '9999999999' }), 'unavailable'],
    ['when exp is null', json({ active: true, exp: null }), 'unavailable'],
    ['when the answer is a list', json([{ active: true }]), 'unavailable'],
    ['when the answer is no JSON', { body: '{"active": true' }, 'unavailable'],
    ['when it is empty', {}, 'unavailable'],
    ['when the gateway is not let in', { ...Object(json({ active: true })), status: 401 }, 'unavailable'],
    ['when the status is another one of 2xx', { ...Object(json({ active: true })), status: 202 }, 'unavailable'],
    ['when the server fails', { ...Object(json({ active: true })), status: 500 }, 'unavailable'],
    ['when it redirects', { status: 302, headers: { location: '/' } }, 'unavailable'],
    ['when it breaks off', 'reset', 'unavailable']
  ]
  for (const [what, answer, word] of table)
    test(what, async t => {
      const { ask } = await introspecting(t, answer)
      assert.equal(await ask('x'), word)
    })

  test('when the server does not answer in time', async t => {
    const { ask, server, scheduler } = await introspecting(t, 'hang')
    const asked = ask('x')
    await server.arrived(1)
    scheduler.advance(1000)
    assert.equal(await asked, 'unavailable')
  })
})

test('an active token is asked about once in the time of the cache', async t => {
  const { ask, server, time } = await introspecting(t, json({ active: true, sub: 'ann' }))
  await ask('x')
  time.now = 59_999
  assert.deepEqual([await ask('x'), server.requests.length], ['(ann)', 1])
  time.now = 60_000
  assert.deepEqual([await ask('x'), server.requests.length], ['(ann)', 2])
  assert.deepEqual([await ask('y'), server.requests.length], ['(ann)', 3])
})

test('no answer outlives the token', async t => {
  const { ask, time } = await introspecting(t, json({ active: true, sub: 'ann', exp: 1_000_010 }))
  assert.equal(await ask('x'), '(ann)')
  time.now = 9999
  time.wall += 9999
  assert.equal(await ask('x'), '(ann)')
  time.now++
  time.wall++
  assert.equal(await ask('x'), 'expired')
})

test('the time that the answer took counts', async t => {
  const { ask, server, time } = await introspecting(t, (_request, response) => {
    time.now += 59_999
    response.end(JSON.stringify({ active: true }))
  })
  await ask('x')
  time.now++
  await ask('x')
  assert.equal(server.requests.length, 2)
})

test('a refusal is believed for five seconds, or as long as the cache where that is shorter', async t => {
  for (const [cache, forMs] of [
    [60_000, 5000],
    [3000, 3000]
  ] as const) {
    const { ask, server, time } = await introspecting(t, json({ active: false }), { cache })
    await ask('x')
    time.now = forMs - 1
    assert.deepEqual([await ask('x'), server.requests.length], ['invalid', 1])
    time.now = forMs
    assert.deepEqual([await ask('x'), server.requests.length], ['invalid', 2])
  }
})

test('no answer is not remembered', async t => {
  const { ask, events } = await introspecting(t, ['reset', 'reset', json({ active: true, sub: 'ann' })])
  assert.deepEqual([await ask('x'), await ask('x')], ['unavailable', '(ann)'])
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['unreachable', 'reachable']
  )
})

test('with no cache every request asks', async t => {
  const { ask, server } = await introspecting(t, json({ active: true, sub: 'ann' }), { cache: 0 })
  await ask('x')
  await ask('x')
  assert.equal(server.requests.length, 2)
})

test('requests with the same token at the same time ask once', async t => {
  const { ask, server } = await introspecting(t, json({ active: true, sub: 'ann' }))
  const asked = await Promise.all(Array.from({ length: 100 }, () => ask('x')))
  assert.deepEqual([new Set(asked), server.requests.length], [new Set(['(ann)']), 1])
})

test('what is no token is not asked about', async t => {
  const { authenticator, ask, server } = await introspecting(t, json({ active: true }))
  for (const token of ['', 'a b', 'a,b', '"a"', '=', 'a=b', 'a\0', 'a\n', '\u00e9', 'a'.repeat(8193)])
    assert.equal(await ask(token), 'malformed', JSON.stringify(token.slice(0, 10)))
  for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearers x' }])
    assert.equal(wordOf(await authenticator.identify(showing(headers))), 'absent')
  assert.equal(server.requests.length, 0)
})

test('the challenge says what RFC 6750 says, and no error where nothing was shown', async t => {
  const { authenticator } = await introspecting(t, {})
  assert.equal(authenticator.challenge(), 'Bearer realm="api"')
  assert.equal(authenticator.challenge('unavailable'), 'Bearer realm="api"')
  assert.equal(authenticator.challenge('expired'), 'Bearer realm="api", error="invalid_token"')
  assert.equal(authenticator.challenge('scope'), 'Bearer realm="api", error="insufficient_scope"')
})
