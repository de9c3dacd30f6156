import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { build, type TestScope, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo, type Setup } from '../support/gateway.ts'
import { claims, hsToken, secret } from '../support/tokens.ts'

const security = { jwt: { issuer: 'https://id.test', audience: 'api', secret } }
const as = (more: object) => ({ authorization: `Bearer ${hsToken(claims({ ...more }))}` })

/** A gateway with one route, `/users`, in front of a service that answers 200. */
async function transforming(t: TestScope, transform: object, route: object = {}, more: Setup = {}) {
  const service = await upstream(t)
  const gateway = await gatewayTo(t, [service.url], { ...more, route: { prefix: '/users', transform, ...route } })
  return { service, url: gateway.url }
}

describe('headers of the request', () => {
  test('say who sends it, which way it came, and what it asks for', async t => {
    const set = {
      'x-user': '{claim:sub}@{claim:realm.org}',
      'x-consumer': '{consumer}',
      'x-way': '{ip} {method} {host} {route} {path.2} {rest}',
      'x-copy': '{header:x-a}/{cookie:c}/{query:q}',
      'x-id': '{request-id}',
      'x-fixed': 'as {{ip}}'
    }
    const { service, url } = await transforming(t, { request: { set } }, { auth: 'jwt' }, { security })
    const headers = { ...as({ realm: { org: 'shop' } }), 'x-a': 'one', cookie: 'c=two' }
    const answer = await ask(`${url}/users/42/x?q=th%20ree`, { headers })
    const sent = service.requests[0]?.headers ?? {}
    assert.equal(sent['x-user'], 'ann@shop')
    assert.equal(sent['x-consumer'], 'ann')
    assert.equal(sent['x-way'], `127.0.0.1 GET ${new URL(url).host} /users 42 /42/x`)
    assert.equal(sent['x-copy'], 'one/two/th ree')
    assert.equal(sent['x-id'], answer.headers['x-request-id'])
    assert.equal(sent['x-id'], sent['x-request-id'])
    assert.equal(sent['x-fixed'], 'as {ip}')
  })

  test('are not there where the request has not what they say, the client’s own neither', async t => {
    const request = { set: { 'x-user': '{claim:sub}', 'x-q': '{query:q}' }, add: { 'x-more': '{header:x-none}' } }
    const { service, url } = await transforming(t, { request })
    await ask(`${url}/users`, { headers: { 'x-user': 'admin', 'x-q': 'mine', 'x-more': 'own' } })
    const sent = service.requests[0]?.headers ?? {}
    assert.deepEqual([sent['x-user'], sent['x-q'], sent['x-more']], [undefined, undefined, 'own'])
  })

  test('never hold a line end, whoever says it', async t => {
    const transform = {
      request: { set: { 'x-q': 'q={query:q}', 'x-c': '{claim:name}' } },
      response: { set: { 'x-q': 'q={query:q}', 'x-c': '{claim:name}' } }
    }
    const { service, url } = await transforming(t, transform, { auth: 'jwt' }, { security })
    for (const bad of ['a\r\nx-evil: 1', 'a\nx-evil: 1', 'a\rb', 'a\0b', '世界']) {
      const name = bad === '世界' ? undefined : bad
      const { headers } = await ask(`${url}/users?q=${encodeURIComponent(bad)}`, { headers: as({ name }) })
      const sent = service.requests.at(-1)?.headers ?? {}
      for (const each of [headers, sent]) {
        assert.deepEqual([each['x-q'], each['x-c'], each['x-evil']], [undefined, undefined, undefined], bad)
      }
    }
  })

  test('are made anew for no attempt, and are the same for each', async t => {
    const services = [await upstream(t, { status: 503 }), await upstream(t)]
    const transform = { request: { set: { 'x-q': '{query:q}' } }, query: { remove: ['q'] } }
    const { url } = await gatewayTo(
      t,
      services.map(each => each.url),
      { route: { prefix: '/', transform } }
    )
    assert.equal((await ask(`${url}/a?q=1&b=2`)).status, 200)
    for (const { requests } of services) assert.deepEqual([requests[0]?.url, requests[0]?.headers['x-q']], ['/a?b=2', '1'])
  })
})

test('headers of the answer say what the request said', async t => {
  const response = { set: { 'x-for': '{path.2}', 'x-none': '{query:none}' }, add: { vary: 'x', 'set-cookie': 'seen={query:q}' } }
  const { url } = await transforming(t, { response })
  const { headers } = await ask(`${url}/users/42?q=1`)
  assert.deepEqual([headers['x-for'], headers['x-none'], headers.vary, headers['set-cookie']], ['42', undefined, 'x', ['seen=1']])
})

describe('the query', () => {
  test('changes where it is told to, and stays byte for byte elsewhere', async t => {
    const query = { set: { user: '{claim:sub}' }, add: { from: 'gate way' }, remove: ['access_token'] }
    const { service, url } = await transforming(t, { query }, { auth: 'jwt', rewrite: '/u' }, { security })
    await ask(`${url}/users/1?b=%7e+%2F&access_token=x&user=admin&%75ser=root&&c`, { headers: as({ sub: 'a&b' }) })
    assert.equal(service.requests[0]?.url, '/u/1?b=%7e+%2F&&c&user=a%26b&from=gate%20way')
  })

  test('loses its question mark with its last parameter', async t => {
    const { service, url } = await transforming(t, { query: { remove: ['a'] } })
    await ask(`${url}/users?a=1`)
    assert.equal(service.requests[0]?.url, '/users')
  })
})

describe('the path', () => {
  test('is made from the request, and the query follows', async t => {
    const { service, url } = await transforming(t, { path: '/v2/{path.2}/of/{query:shop}' })
    await ask(`${url}/users/a%20b?shop=x/y`)
    await ask(`${url}/users/a%20b?shop=x+y`)
    assert.deepEqual(
      service.requests.map(each => each.url),
      ['/v2/a%20b/of/x%20y?shop=x+y']
    )
  })

  test('leads nowhere else: 400, and nobody is asked', async t => {
    const { service, url } = await transforming(
      t,
      { path: '/t/{claim:tenant}{rest}' },
      { prefix: '/', auth: 'jwt' },
      { security }
    )
    for (const tenant of ['..', '../x', 'a/b', '', undefined]) {
      const problem = await askProblem(`${url}/x`, { headers: as({ tenant }) })
      assert.deepEqual([problem['status'], problem['code']], [400, 'EG_BAD_REQUEST'], String(tenant))
    }
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    const { authorization } = as({ tenant: 'acme' })
    socket.write(`GET /..%2fother HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\nconnection: close\r\n\r\n`)
    assert.match(Buffer.concat(await socket.toArray()).toString(), /^HTTP\/1\.1 400 /)
    assert.equal(service.requests.length, 0)
    assert.equal((await ask(`${url}/x`, { headers: as({ tenant: 'acme' }) })).status, 200)
    assert.equal(service.requests[0]?.url, '/t/acme/x')
  })
})

describe('a redirect', () => {
  const redirecting = (t: TestScope, to: string, transform: object) =>
    build(t, { upstreams: {}, routes: [{ prefix: '/old', redirect: { to, status: 307 }, transform }] })
  const locationFrom = async (url: string) => (await ask(url)).headers.location

  test('leads to a path that is made from the request, at the host that is configured', async t => {
    const { url } = await redirecting(t, 'https://new.test/', { path: '/{query:lang}{rest}', query: { remove: ['lang'] } })
    assert.equal(await locationFrom(`${url}/old/a%20b?x=1&lang=de`), 'https://new.test/de/a%20b?x=1')
    for (const lang of ['', '..', '%2F%2Fevil.test', '@evil.test/'])
      assert.equal((await askProblem(`${url}/old/a?lang=${lang}`))['status'], 400, lang)
    assert.equal(
      await locationFrom(`${url}/old/a?lang=${encodeURIComponent('@evil.test:80')}`),
      'https://new.test/%40evil.test%3A80/a'
    )
  })

  test('changes the query alone, and never leads to another host', async t => {
    const { url } = await redirecting(t, '/', { query: { set: { from: '{path.1}' } } })
    assert.equal(await locationFrom(`${url}/old/a?from=x&b`), '/a?b&from=old')
    assert.doesNotMatch(String(await locationFrom(`${url}/old//evil.test`)), /^[/\\]{2}/)
  })
})
