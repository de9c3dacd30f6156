import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, type ReceivedRequest, type TestScope, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { ask, askProblem } from '../support/ask.ts'
import { nowhere } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'
import { bearer, claims, hsToken, keyToken, pair, secret } from '../support/tokens.ts'
import { wireTo } from '../support/wire.ts'

const jwt = { issuer: 'https://id.test', audience: 'api', secret }

/** A gateway with a closed route, whose upstream is told who it is, and an open one. */
async function closed(t: TestScope, more: Parameters<typeof build>[1] = {}, options: Parameters<typeof build>[2] = {}) {
  const received: ReceivedRequest[] = []
  const service = await upstream(t, (request, response) => {
    received.push(request)
    response.end('here')
  })
  const gateway = await build(
    t,
    {
      upstreams: { api: { targets: [service.url] } },
      security: { jwt },
      routes: [
        { prefix: '/closed', upstream: 'api', auth: { jwt: true, forward: { sub: 'x-user-id', roles: 'x-roles' } } },
        { prefix: '/open', upstream: 'api' }
      ],
      ...more
    },
    options
  )
  return { gateway, received, url: gateway.url }
}

const forgeries = { 'x-user-id': 'root', X_User_Id: 'root', 'x-user_id': 'root', 'x.user.id': 'root', 'x-roles': 'admin' }
const identityOf = (headers: ReceivedRequest['headers'] | undefined) =>
  Object.entries(headers ?? {}).filter(([name]) => /user|roles/i.test(name))

describe('a consumer', () => {
  test('is told to the upstream, and no client says it, on any route and in any spelling', async t => {
    const { url, received } = await closed(t)
    await ask(`${url}/closed`, { headers: { ...forgeries, ...bearer(hsToken(claims({ roles: ['a', 'b'] }))) } })
    await ask(`${url}/closed`, { headers: { ...forgeries, ...bearer(hsToken(claims())) } })
    await ask(`${url}/open`, { headers: forgeries })
    assert.deepEqual(
      received.map(({ headers }) => identityOf(headers)),
      [
        [
          ['x-user-id', 'ann'],
          ['x-roles', 'a,b']
        ],
        [['x-user-id', 'ann']],
        []
      ]
    )
  })

  test('is told also where Connection names the field, and only once', async t => {
    const { gateway, received } = await closed(t)
    const wire = await wireTo(t, gateway.port)
    const token = hsToken(claims())
    wire.send(
      `GET /closed HTTP/1.1\r\nhost: a\r\nconnection: close, x-user-id\r\nx-user-id: root\r\nX-USER-ID: root\r\nauthorization: Bearer ${token}\r\n\r\n`
    )
    await wire.until(/here/)
    assert.deepEqual(identityOf(received[0]?.headers), [['x-user-id', 'ann']])
  })

  test('is named in the access log; its token stands nowhere', async t => {
    const log = accessLog()
    const { url } = await closed(t, {}, { logger: log.logger })
    const token = hsToken(claims())
    await ask(`${url}/closed?access_token=${token}`, { headers: bearer(token) })
    await ask(`${url}/closed`, { headers: bearer('a.b.c') })
    await log.line(2)
    assert.deepEqual(
      log.lines.map(line => 'consumer' in line && line.consumer),
      ['ann', false]
    )
    assert.ok(!JSON.stringify(log.lines).includes(token))
  })

  test('is shown nothing of the secret by the admin API', async t => {
    const { gateway } = await closed(t)
    for (const path of ['/api/config', '/api/routes', '/metrics', '/api/explain?url=/closed'])
      assert.ok(!(await (await fetch(gateway.adminUrl + path)).text()).includes(secret), path)
  })
})

describe('who is not known', () => {
  test('is refused before the body is read, and told how to be known', async t => {
    const { gateway, received, url } = await closed(t)
    const wire = await wireTo(t, gateway.port)
    wire.send('POST /closed HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n')
    await wire.until(/^HTTP\/1\.1 401 [\s\S]*www-authenticate: Bearer realm="evergate"\r\n/)
    const expired = await ask(`${url}/closed`, { headers: bearer(hsToken(claims({ exp: 1 }))) })
    assert.equal(expired.headers['www-authenticate'], 'Bearer realm="evergate", error="invalid_token"')
    assert.equal((await askProblem(`${url}/closed`))['code'], 'EG_UNAUTHENTICATED')
    assert.equal(received.length, 0)
    assert.equal(await metricOf(gateway, 'evergate_auth_refused_total{route="/closed",reason="missing"}'), 2)
    assert.equal(await metricOf(gateway, 'evergate_auth_refused_total{route="/closed",reason="expired"}'), 1)
  })
})

test('who is refused is refused by a route that observes, but not where auth observes', async t => {
  const routes = [
    { prefix: '/limits', upstream: 'api', auth: 'jwt', mode: 'observe' },
    { prefix: '/auth', upstream: 'api', auth: { jwt: true, mode: 'observe' } }
  ] as const
  const { url, gateway } = await closed(t, { routes: [...routes] })
  assert.equal((await ask(`${url}/limits`)).status, 401)
  assert.equal((await ask(`${url}/auth`)).status, 200)
  assert.equal((await ask(`${url}/auth`, { headers: bearer('a.b.c') })).status, 200)
  assert.equal(await metricOf(gateway, 'evergate_auth_refused_total{route="/auth",reason="missing"}'), 1)
  assert.equal(await metricOf(gateway, 'evergate_auth_refused_total{route="/auth",reason="malformed"}'), 1)
})

test('what a route asks is told to operators', async t => {
  const { gateway } = await closed(t)
  const { routes } = JSON.parse(await (await fetch(`${gateway.adminUrl}/api/routes`)).text())
  assert.deepEqual(
    routes.map(({ auth }: { auth: unknown }) => auth),
    [{ any: ['jwt'], forward: { sub: 'x-user-id', roles: 'x-roles' }, mode: 'enforce' }, undefined]
  )
  for (const [path, said] of [
    ['/closed', 'authentication: jwt'],
    ['/open', 'authentication: none']
  ]) {
    const explained = JSON.parse(await (await fetch(`${gateway.adminUrl}/api/explain?url=${path}`)).text())
    assert.equal(explained.policies[0], said)
  }
})

describe('the keys of an issuer', () => {
  const key = pair()
  const other = pair('ec')
  const rs = (kid: string) => bearer(keyToken(claims(), key.privateKey, { alg: 'RS256', kid }))

  test('are fetched from the one URL, and outlive the issuer', async t => {
    const issuer = await upstream(t, {
      body: JSON.stringify({ keys: [key.jwk({ kid: 'a' }), other.jwk({ kid: 'b' })] })
    })
    const asked: (string | undefined)[] = []
    const { url } = await closed(t, { security: { jwt: { audience: 'api', jwks: `${issuer.url}/keys` } } })
    const es = bearer(keyToken(claims(), other.privateKey, { alg: 'ES256', kid: 'b', jku: `${issuer.url}/evil` }))
    assert.equal((await ask(`${url}/closed`, { headers: rs('a') })).status, 200)
    assert.equal((await ask(`${url}/closed`, { headers: es })).status, 200)
    assert.equal((await ask(`${url}/closed`, { headers: rs('b') })).status, 401)
    asked.push(...issuer.requests.map(({ url: path }) => path))
    assert.deepEqual([...new Set(asked)], ['/keys'])
    await issuer.close()
    const again = bearer(keyToken(claims({ sub: 'bob' }), key.privateKey, { alg: 'RS256', kid: 'a' }))
    assert.equal((await ask(`${url}/closed`, { headers: again })).status, 200)
  })

  test('that were never there are nobody’s fault: 503', async t => {
    const { url } = await closed(t, { security: { jwt: { audience: 'api', jwks: `${nowhere}/keys` } } })
    const answer = await ask(`${url}/closed`, { headers: rs('a') })
    assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '10'])
    assert.equal((await ask(`${url}/closed`)).status, 401, 'who shows nothing is not known')
  })

  for (const [what, answer] of [
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['more than anybody’s', { body: 'x'.repeat(600_000) }],
    ['another form', { body: '{}' }]
  ] as const) {
    test(`that come as ${what} are not taken`, async t => {
      const issuer = await upstream(t, answer)
      const { url } = await closed(t, { security: { jwt: { audience: 'api', jwks: issuer.url } } })
      assert.equal((await ask(`${url}/closed`, { headers: rs('a') })).status, 503)
    })
  }
})
