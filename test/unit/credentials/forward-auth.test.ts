import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { ForwardAuth } from '../../../src/credentials/forward-auth.ts'
import { type Behaviour, upstream } from '../../../src/testing/upstream.ts'
import { asking } from './asking.ts'
import { showing, wordOf } from './shown.ts'

const settings = {
  timeout: 1000,
  forwardHeaders: ['authorization', 'cookie'],
  nameHeader: 'x-user',
  scopesHeader: 'x-scopes',
  responseHeaders: ['x-role', 'x-none']
}

async function forwarding(t: TestContext, script: Behaviour | readonly Behaviour[]) {
  const server = await upstream(t, script)
  const url = `${server.url}/verify?by=gateway`
  const { remote, scheduler, events } = asking(t, url)
  return { server, scheduler, events, authenticator: new ForwardAuth({ ...settings, url }, remote) }
}

test('the service learns of the request what it needs, and its answer ends in a consumer', async t => {
  const headers = { 'x-user': 'ann', 'x-scopes': 'a:b c,d', 'x-role': 'admin', 'x-other': 'x' }
  const { server, authenticator } = await forwarding(t, { status: 204, headers })
  const shown = { authorization: 'Bearer x', cookie: 'a=b', 'x-secret': 's', 'content-length': '7' }
  const identification = await authenticator.identify(showing(shown, { method: 'POST', search: '?a=%20', path: '/o/1' }))
  assert.deepEqual(identification, {
    kind: 'consumer',
    consumer: { name: 'ann', kind: 'service', scopes: new Set(['a:b', 'c', 'd']), labels: {}, claims: { 'x-role': 'admin' } }
  })
  const [request] = server.requests
  assert.deepEqual([request?.method, request?.url, request?.body.length], ['GET', '/verify?by=gateway', 0])
  const { host, connection, ...sent } = request?.headers ?? {}
  assert.deepEqual(sent, {
    authorization: 'Bearer x',
    cookie: 'a=b',
    'x-forwarded-method': 'POST',
    'x-forwarded-uri': '/o/1?a=%20',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-for': '192.0.2.7'
  })
  assert.equal(host, new URL(server.url).host)
})

test('a request without credentials is asked about too', async t => {
  const { authenticator } = await forwarding(t, {})
  assert.equal(wordOf(await authenticator.identify(showing({}))), '(anonymous)')
})

test('what a client says of itself is not what the gateway says', async t => {
  const { server, authenticator } = await forwarding(t, {})
  await authenticator.identify(
    showing({ 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/public', 'x-forwarded-for': '127.0.0.1' })
  )
  const { headers } = server.requests[0] ?? {}
  assert.deepEqual(
    [headers?.['x-forwarded-method'], headers?.['x-forwarded-uri'], headers?.['x-forwarded-for']],
    ['GET', '/orders', '192.0.2.7']
  )
})

describe('nobody gets in', () => {
  const user = { headers: { 'x-user': 'ann' } }
  const table: readonly (readonly [answer: Behaviour, word: string])[] = [
    [{ status: 401, ...user }, 'invalid'],
    [{ status: 403, ...user }, 'invalid'],
    [{ status: 302, headers: { location: '/login' } }, 'unavailable'],
    [{ status: 400, ...user }, 'unavailable'],
    [{ status: 404, ...user }, 'unavailable'],
    [{ status: 429, ...user }, 'unavailable'],
    [{ status: 500, ...user }, 'unavailable'],
    [{ status: 503, ...user }, 'unavailable'],
    ['reset', 'unavailable']
  ]
  for (const [answer, word] of table)
    test(`by ${JSON.stringify(answer)}: ${word}`, async t => {
      const { authenticator } = await forwarding(t, answer)
      assert.equal(wordOf(await authenticator.identify(showing({}))), word)
    })

  test('when there is no answer in time', async t => {
    const { authenticator, server, scheduler } = await forwarding(t, 'hang')
    const asked = authenticator.identify(showing({}))
    await server.arrived(1)
    scheduler.advance(1000)
    assert.equal(wordOf(await asked), 'unavailable')
  })
})

test('every request is asked about, and a refusal is no trouble', async t => {
  const { authenticator, server, events } = await forwarding(t, [{}, { status: 401 }, {}, { status: 500 }, {}])
  const words: string[] = []
  for (let i = 0; i < 5; i++) words.push(wordOf(await authenticator.identify(showing({}))))
  assert.deepEqual(words, ['(anonymous)', 'invalid', '(anonymous)', 'unavailable', '(anonymous)'])
  assert.equal(server.requests.length, 5)
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['unreachable', 'reachable']
  )
})

test('there is no challenge', async t => {
  assert.equal((await forwarding(t, {})).authenticator.challenge(), undefined)
})
