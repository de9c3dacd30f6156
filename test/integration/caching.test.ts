import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { type Behaviour, build, type TestScope, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'
import { temporary } from '../support/temporary.ts'
import { bearer, claims, hsToken, secret } from '../support/tokens.ts'
import { until } from '../support/until.ts'

type Cache = NonNullable<NonNullable<Parameters<typeof gatewayTo>[2]>['route']>['cache']

/** A gateway with a cache before an upstream, whose answers say which request they are for unless it does otherwise. */
async function cached(t: TestScope, fields: Record<string, string>, cache: Cache = true, more: object = {}) {
  let count = 0
  const service = await upstream(t, (request, response) => {
    count++
    response.writeHead(200, { 'content-type': 'text/plain', ...fields })
    response.end(request.method === 'HEAD' ? undefined : `${count}`)
  })
  const gateway = await gatewayTo(t, [service.url], { route: { cache }, ...more })
  return { service, gateway, url: gateway.url, get: (to: string, headers = {}) => ask(gateway.url + to, { headers }) }
}

const fresh = { 'cache-control': 'max-age=60' }

describe('a stored answer', () => {
  test('is given again, with its age and what the cache did, and nobody is asked', async t => {
    const { service, gateway, get } = await cached(t, { ...fresh, age: '5', 'x-other': 'kept' })
    const first = await get('/a?b=1')
    assert.deepEqual([first.text, first.headers['cache-status']], ['1', 'evergate; fwd=uri-miss; stored'])
    const second = await get('/a?b=1')
    assert.deepEqual([second.status, second.text, second.headers['x-other']], [200, '1', 'kept'])
    assert.match(String(second.headers['cache-status']), /^evergate; hit; ttl=5\d$/)
    assert.ok(Number(second.headers['age']) >= 5)
    assert.equal(second.headers['content-length'], '1')
    assert.equal(service.requests.length, 1)
    await get('/a?b=2')
    await get('/A?b=1')
    assert.equal(service.requests.length, 3)
    assert.equal(await metricOf(gateway, 'evergate_cache_total{route="/",result="hit"}'), 1)
    assert.equal(await metricOf(gateway, 'evergate_cache_total{route="/",result="miss"}'), 3)
    assert.equal(await metricOf(gateway, 'evergate_cache_bytes{store="memory"}'), 3)
  })

  test('answers HEAD, conditions and ranges', async t => {
    const { service, url, get } = await cached(t, { ...fresh, etag: '"v1"', 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT' })
    await get('/')
    const head = await ask(url, { method: 'HEAD' })
    assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '1'])
    assert.equal((await get('/', { 'if-none-match': '"v0", W/"v1"' })).status, 304)
    assert.equal((await get('/', { 'if-none-match': '"v2"' })).status, 200)
    assert.equal((await get('/', { 'if-modified-since': 'Thu, 02 Jan 2020 00:00:00 GMT' })).status, 304)
    const part = await get('/', { range: 'bytes=0-0' })
    assert.deepEqual([part.status, part.headers['content-range'], part.text], [206, 'bytes 0-0/1', '1'])
    assert.equal((await get('/', { range: 'bytes=5-' })).status, 416)
    assert.equal(service.requests.length, 1)
  })

  test('is one for each value of the fields that it varies by', async t => {
    const { service, get } = await cached(t, { ...fresh, vary: 'Accept-Language' })
    assert.equal((await get('/', { 'accept-language': 'de, en' })).text, '1')
    assert.equal((await get('/', { 'accept-language': 'fr' })).headers['cache-status'], 'evergate; fwd=vary-miss; stored')
    assert.equal((await get('/', { 'accept-language': 'de,en' })).text, '1')
    assert.equal(service.requests.length, 2)
  })

  test('belongs to the host that was asked for: links in it may be made of that', async t => {
    const { service, get } = await cached(t, fresh)
    await get('/', { host: 'a.test' })
    await get('/', { host: 'b.test' })
    await get('/', { host: 'a.test' })
    assert.equal(service.requests.length, 2)
  })

  test('is not there for who wants none stored, and only it for who wants no other', async t => {
    const { service, url, get } = await cached(t, fresh)
    const { status, code } = await askProblem(url, { headers: { 'cache-control': 'only-if-cached' } })
    assert.deepEqual([status, code], [504, 'EG_TIMEOUT'])
    assert.equal((await get('/', { 'cache-control': 'no-store' })).headers['cache-status'], 'evergate; fwd=bypass')
    await get('/')
    assert.equal(service.requests.length, 2)
    assert.equal((await get('/', { 'cache-control': 'only-if-cached' })).text, '2')
  })

  test('goes when something changes it, and what the answer to that names', async t => {
    const { service, url, get } = await cached(t, { ...fresh, 'content-location': '/other' })
    await get('/a')
    await get('/other')
    await ask(`${url}/a`, { method: 'POST', body: 'x' })
    assert.deepEqual([(await get('/a')).text, (await get('/other')).text], ['4', '5'])
    assert.equal(service.requests.length, 5)
  })

  test('is the same bytes and fields as the first, with a type or without', async t => {
    const bodies = ['{"a":1}', Buffer.from([0, 128, 255, 10]), 'grün', '']
    for (const body of bodies) {
      for (const headers of [fresh, { ...fresh, 'content-type': 'application/json' }]) {
        const service = await upstream(t, { headers, body })
        const { url } = await gatewayTo(t, [service.url], { route: { cache: true } })
        const [first, second] = [await ask(url), await ask(url)]
        assert.deepEqual(second.body, Buffer.from(body))
        const own = (name: string) => !['x-request-id', 'cache-status', 'age'].includes(name)
        const fieldsOf = ({ headers: all }: typeof first) =>
          Object.entries(all)
            .filter(([name]) => own(name))
            .sort()
        assert.deepEqual(fieldsOf(second), fieldsOf(first))
        assert.equal(service.requests.length, 1)
      }
    }
  })

  test('has no field that the gateway gives to each answer', async t => {
    const { get } = await cached(t, { ...fresh, 'x-request-id': 'theirs' })
    const ids = [(await get('/')).headers['x-request-id'], (await get('/')).headers['x-request-id']]
    assert.equal(new Set(ids).size, 2)
    assert.ok(!ids.includes('theirs'))
  })
})

describe('what is for one client', () => {
  const unshared: readonly [string, Record<string, string>, Record<string, string>][] = [
    ['private', { 'cache-control': 'private, max-age=60' }, {}],
    ['with Authorization', fresh, { authorization: 'Basic YTpi' }],
    ['with a new cookie', { ...fresh, 'set-cookie': 'session=1' }, {}],
    ['varying by what the gateway writes', { ...fresh, vary: 'X-Forwarded-For' }, {}]
  ]
  for (const [name, fields, headers] of unshared) {
    test(`is not stored: ${name}`, async t => {
      const { service, get } = await cached(t, fields)
      await get('/', headers)
      await get('/', headers)
      assert.equal(service.requests.length, 2)
    })
  }

  test('is stored where it says that it is for others too', async t => {
    const { service, get } = await cached(t, { 'cache-control': 'public, max-age=60', 'set-cookie': 'theme=1' })
    await get('/', { authorization: 'Basic YTpi' })
    assert.deepEqual((await get('/', { authorization: 'Basic other' })).headers['set-cookie'], ['theme=1'])
    assert.equal(service.requests.length, 1)
  })

  test('on a route with auth of any kind is stored only if it says so, and apart for each identity that is forwarded', async t => {
    let count = 0
    const service = await upstream(t, ({ url }, response) => {
      response.writeHead(200, { 'cache-control': url.startsWith('/public') ? 'public, max-age=60' : 'max-age=60' })
      response.end(`${++count}`)
    })
    const { url } = await build(t, {
      upstreams: { api: { targets: [service.url] } },
      security: { jwt: { issuer: 'https://id.test', audience: 'api', secret } },
      routes: [{ prefix: '/', upstream: 'api', cache: true, auth: { jwt: true, forward: { sub: 'x-user-id' } } }]
    })
    const get = async (to: string, sub: string) => (await ask(url + to, { headers: bearer(hsToken(claims({ sub }))) })).text
    assert.deepEqual([await get('/own', 'ann'), await get('/own', 'ann')], ['1', '2'])
    assert.deepEqual([await get('/public', 'ann'), await get('/public', 'ann'), await get('/public', 'bob')], ['3', '3', '4'])
    assert.equal((await askProblem(`${url}/public`)).status, 401)
  })

  test('is kept apart where a plugin has left some targets only', async t => {
    const services = await Promise.all(['a', 'b'].map(body => upstream(t, { headers: fresh, body })))
    const { url } = await build(t, {
      upstreams: { api: { targets: services.map(({ url }, i) => ({ url, id: 'ab'[i] ?? '' })) } },
      plugins: [{ use: path.join(import.meta.dirname, 'caching-narrowing.ts') }],
      routes: [{ prefix: '/', upstream: 'api', cache: true }]
    })
    for (let i = 0; i < 2; i++)
      for (const only of ['a', 'b']) assert.equal((await ask(url, { headers: { 'x-only': only } })).text, only)
    assert.deepEqual(
      services.map(({ requests }) => requests.length),
      [1, 1]
    )
  })

  test('does not come of a body: a GET that has one passes', async t => {
    const { service, url, get } = await cached(t, fresh)
    await ask(url, { body: 'poison', headers: { 'content-length': '6' } })
    assert.equal((await get('/')).text, '2')
    assert.equal(service.requests.length, 2)
  })
})

describe('a purge', () => {
  const purge = (adminUrl: string, body: object, headers = {}) =>
    ask(`${adminUrl}/api/cache/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body)
    })

  test('forgets by path, by prefix, by tag, and tags are the operator’s', async t => {
    const { gateway, get } = await cached(t, { ...fresh, 'surrogate-key': 'shop item-1' })
    const { headers } = await get('/a/x?q=1')
    assert.equal(headers['surrogate-key'], undefined)
    const bodies = [
      { path: '/a/x' },
      { prefix: '/a' },
      { tags: ['none', 'item-1'] },
      { all: true },
      { upstream: 'service', all: true }
    ]
    for (const [index, body] of bodies.entries()) {
      assert.equal((await get('/a/x?q=1')).text, String(index + 1))
      assert.equal((await purge(gateway.adminUrl, body)).status, 200)
      // What is asked for in the same millisecond counts as older.
      const purgedAt = Date.now()
      await until(() => Date.now() > purgedAt)
      const again = await get('/a/x?q=1')
      assert.deepEqual([again.text, again.headers['surrogate-key']], [String(index + 2), undefined])
    }
    await purge(gateway.adminUrl, { path: '/a' })
    assert.equal((await get('/a/x?q=1')).text, '6')
  })

  test('says what it takes, and is not for other pages', async t => {
    const { gateway } = await cached(t, fresh)
    for (const body of [{}, { path: '/a', all: true }, { path: 'a' }, { tags: [] }, { other: 1 }])
      assert.equal((await purge(gateway.adminUrl, body)).status, 400, JSON.stringify(body))
    assert.match((await purge(gateway.adminUrl, { path: 'a' })).text, /each begins with/)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.match((await purge(gateway.adminUrl, { all: true }, form)).text, /The body is application\/json/)
    assert.equal((await purge(gateway.adminUrl, { upstream: 'nobody', all: true })).status, 404)
    assert.equal((await purge(gateway.adminUrl, { all: true }, { 'sec-fetch-site': 'cross-site' })).status, 403)
  })
})

describe('a store on disk', () => {
  const diskOf = async (t: TestScope) => path.join(await temporary(t), 'answers.sqlite')

  test('outlives the process, with what was purged of it', async t => {
    const disk = await diskOf(t)
    const service = await upstream(t, ({ url }, response) => {
      response.writeHead(200, { ...fresh, 'surrogate-key': url.slice(1) })
      response.end(url)
    })
    const start = () => gatewayTo(t, [service.url], { route: { cache: { store: { disk } } } })
    const before = await start()
    for (const to of ['/a', '/b']) await ask(before.url + to)
    await ask(`${before.adminUrl}/api/cache/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"tags":["a"]}'
    })
    await before.close()
    const after = await start()
    const headers = { host: new URL(before.url).host }
    for (const to of ['/a', '/b']) assert.equal((await ask(after.url + to, { headers })).text, to)
    assert.deepEqual(
      service.requests.map(({ url }) => url),
      ['/a', '/b', '/a']
    )
  })

  test('that is broken is none, and says so', async t => {
    const disk = await diskOf(t)
    await writeFile(disk, 'this is no database. '.repeat(1000))
    const { gateway, service, get } = await cached(t, fresh, { store: { disk } })
    assert.deepEqual([(await get('/')).text, (await get('/')).text], ['1', '2'])
    assert.equal(service.requests.length, 2)
    assert.equal(await metricOf(gateway, `evergate_cache_up{store="${disk}"}`), 0)
  })
})

describe('bounds', () => {
  test('an answer that is too long passes and is not kept, whether or not its length is known', async t => {
    const known: Behaviour = { headers: fresh, body: 'x'.repeat(200_000) }
    const unknown: Behaviour = (_request, response) => {
      response.writeHead(200, fresh)
      response.write('x'.repeat(100_000))
      setImmediate(() => response.end('x'.repeat(100_000)))
    }
    for (const behaviour of [known, unknown]) {
      const service = await upstream(t, behaviour)
      const { url } = await gatewayTo(t, [service.url], { route: { cache: { maxEntry: '100kb' } } })
      for (let i = 0; i < 2; i++) assert.equal((await ask(url)).text.length, 200_000)
      assert.equal(service.requests.length, 2)
    }
  })

  test('a long answer is kept while it streams to the first client', async t => {
    const service = await upstream(t, (_request, response) => {
      response.writeHead(200, fresh)
      response.write('x'.repeat(100_000))
      setImmediate(() => response.end('y'.repeat(100_000)))
    })
    const { url } = await gatewayTo(t, [service.url], { route: { cache: true } })
    const [first, second] = [await ask(url), await ask(url)]
    assert.equal(first.text, second.text)
    assert.equal(second.headers['content-length'], '200000')
    assert.equal(service.requests.length, 1)
  })

  test('one that breaks half way is not kept', async t => {
    const service = await upstream(t, [{ headers: fresh, body: 'x'.repeat(200_000), cutAfter: 150_000 }, { body: 'whole' }])
    const { url } = await gatewayTo(t, [service.url], { route: { cache: true } })
    await assert.rejects(ask(url))
    assert.equal((await ask(url)).text, 'whole')
  })
})

test('a route without a cache has none beside one that has', async t => {
  const service = await upstream(t, { headers: { 'cache-control': 'max-age=60' } })
  const { url } = await build(t, {
    upstreams: { service: { targets: [service.url] } },
    routes: [
      { prefix: '/cached', upstream: 'service', cache: true },
      { prefix: '/', upstream: 'service' }
    ]
  })
  for (let i = 0; i < 2; i++) assert.equal((await ask(`${url}/plain`)).headers['cache-status'], undefined)
  assert.equal(service.requests.length, 2)
})
