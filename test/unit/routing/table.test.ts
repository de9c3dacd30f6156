import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Route } from '../../../src/model/route.ts'
import { predicateCount } from '../../../src/routing/predicates.ts'
import type { RequestView } from '../../../src/routing/request-view.ts'
import { RouteTable } from '../../../src/routing/table.ts'
import { route } from '../fixtures/routes.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'

const get = (path: string, more: Partial<RequestView> = {}): RequestView => ({
  method: 'GET',
  host: 'a.example.com',
  path,
  search: '',
  headers: {},
  ...more
})

/** The place of the chosen route, the methods of a 405, or nothing. */
function chosen(routes: readonly Route[], request: RequestView): number | readonly string[] | undefined {
  const selection = new RouteTable(routes).select(request)
  if (selection.kind === 'route') return routes.indexOf(selection.route)
  return selection.kind === 'method' ? [...selection.allow].sort() : undefined
}

describe('the route of a request', () => {
  test('is that of the longest prefix, at a segment boundary', () => {
    const routes = [route('/'), route('/a'), route('/a/b'), route('/a/b/c')]
    for (const [path, index] of [
      ['/', 0],
      ['/x', 0],
      ['/ab', 0],
      ['/a', 1],
      ['/a/', 1],
      ['/a/bc', 1],
      ['/a/b', 2],
      ['/a/b/', 2],
      ['/a/b/cc/d', 2],
      ['/a/b/c/d/e/f', 3]
    ] as const)
      assert.equal(chosen(routes, get(path)), index, path)
  })

  test('is none below a prefix that is longer than the path, or beside it', () => {
    const routes = [route('/orders')]
    for (const path of ['/', '/order', '/orders2', '/x/orders']) assert.equal(chosen(routes, get(path)), undefined, path)
  })

  test('goes by the most specific host before the prefix', () => {
    const routes = [
      route('/long/prefix'),
      route('/', { host: '*.com' }),
      route('/', { host: '*.example.com' }),
      route('/', { host: 'a.example.com' })
    ]
    for (const [host, index] of [
      ['a.example.com', 3],
      ['b.example.com', 2],
      ['b.a.example.com', 2],
      ['example.com', 1],
      ['other.org', 0],
      ['com', 0],
      ['', 0]
    ] as const)
      assert.equal(chosen(routes, get('/long/prefix', { host })), index, host)
  })

  test('is one without a host where those with the host have no prefix for it', () => {
    const routes = [route('/a', { host: 'a.example.com' }), route('/b', { host: '*.example.com' }), route('/')]
    assert.equal(chosen(routes, get('/a')), 0)
    assert.equal(chosen(routes, get('/b')), 1)
    assert.equal(chosen(routes, get('/c')), 2)
  })

  test('is the one with more of methods, headers and query, then the first in the file', () => {
    const routes = [
      route('/a'),
      route('/a', { methods: new Set(['GET']) }),
      route('/a', { headers: [['x-version', '2']] }),
      route('/a', { headers: [['x-version', '2']], query: [['beta', '1']] }),
      route('/a', { methods: new Set(['GET']), headers: [['x-version', '2']] })
    ]
    assert.equal(chosen(routes, get('/a', { method: 'PUT' })), 0)
    assert.equal(chosen(routes, get('/a')), 1)
    assert.equal(chosen(routes, get('/a', { headers: { 'x-version': '2' } })), 4)
    assert.equal(chosen(routes, get('/a', { headers: { 'x-version': '2' }, method: 'PUT' })), 2)
    assert.equal(chosen(routes, get('/a', { headers: { 'x-version': '2' }, search: '?beta=1' })), 3)
  })

  test('is not hidden by one whose other predicates do not hold, however specific', () => {
    const routes = [
      route('/a/b', { host: 'a.example.com', methods: new Set(['POST']) }),
      route('/a/b', { headers: [['x-beta', 'yes']] }),
      route('/a', { query: [['v', '2']] }),
      route('/')
    ]
    assert.equal(chosen(routes, get('/a/b/c')), 3)
    assert.equal(chosen(routes, get('/a/b/c', { search: '?v=2' })), 2)
    assert.equal(chosen(routes, get('/a/b/c', { headers: { 'x-beta': 'yes' } })), 1)
    assert.equal(chosen(routes, get('/a/b/c', { method: 'POST' })), 0)
  })

  test('asks for exactly the value of a header, and of the first parameter of a name', () => {
    const routes = [route('/', { headers: [['x-a', 'One']] }), route('/', { query: [['b', 'x y']] })]
    assert.equal(chosen(routes, get('/', { headers: { 'x-a': 'One' } })), 0)
    assert.equal(chosen(routes, get('/', { headers: { 'x-a': 'one' } })), undefined)
    assert.equal(chosen(routes, get('/', { headers: { 'x-a': ['One', 'One'] } })), undefined)
    assert.equal(chosen(routes, get('/', { search: '?b=x%20y&b=z' })), 1)
    assert.equal(chosen(routes, get('/', { search: '?b=z&b=x+y' })), undefined)
  })

  test('does not depend on the case of the digits of escapes', () => {
    const routes = [route('/'), route('/caf%C3%A9'), route('/th%c3%a9')]
    assert.equal(chosen(routes, get('/caf%c3%a9/x')), 1)
    assert.equal(chosen(routes, get('/th%C3%A9')), 2)
    assert.deepEqual(
      new RouteTable(routes).explain(get('/caf%c3%a9')).map(each => each.unmet),
      [undefined, undefined, 'prefix']
    )
  })

  test('takes every method that the parser knows but TRACE and CONNECT', () => {
    for (const method of ['GET', 'PATCH', 'PROPFIND', 'QUERY', 'M-SEARCH'])
      assert.equal(chosen([route('/')], get('/', { method })), 0)
    const refused = chosen([route('/')], get('/', { method: 'TRACE' }))
    assert.ok(Array.isArray(refused) && refused.includes('GET') && !refused.includes('TRACE') && !refused.includes('CONNECT'))
  })
})

describe('a request whose method no route takes', () => {
  test('is told what all routes take together that match but for the method', () => {
    const routes = [
      route('/a/b', { methods: new Set(['PUT']) }),
      route('/a', { methods: new Set(['GET', 'HEAD']) }),
      route('/', { host: '*.example.com', methods: new Set(['DELETE', 'GET']) }),
      route('/other', { methods: new Set(['PATCH']) }),
      route('/a', { methods: new Set(['COPY']), headers: [['x-a', '1']] }),
      route('/a', { methods: new Set(['MOVE']), host: 'elsewhere.org' })
    ]
    assert.deepEqual(chosen(routes, get('/a/b', { method: 'POST' })), ['DELETE', 'GET', 'HEAD', 'PUT'])
    assert.deepEqual(chosen(routes, get('/a', { method: 'POST', host: 'x.org' })), ['GET', 'HEAD'])
  })

  test('has no route where one would not match by more than the method', () => {
    const routes = [route('/a', { methods: new Set(['GET']), query: [['v', '1']] })]
    assert.equal(chosen(routes, get('/a', { method: 'POST' })), undefined)
  })
})

test('the table chooses as one that goes through all routes would', t => {
  const random = seeded(t, 7)
  const hosts = [undefined, 'a.example.com', '*.example.com', '*.com']
  const prefixes = ['/', '/a', '/a/b', '/b', '/ab', '/a/b/c']
  for (let i = 0; i < 300; i++) {
    const routes = Array.from({ length: 1 + below(random, 8) }, () => {
      const host = oneOf(random, hosts)
      return route(oneOf(random, prefixes), {
        ...(host === undefined ? {} : { host }),
        ...(random() < 0.3 ? { methods: new Set([oneOf(random, ['GET', 'POST'])]) } : {}),
        ...(random() < 0.3 ? { headers: [['x-a', '1']] } : {}),
        ...(random() < 0.3 ? { exact: true } : {})
      })
    })
    const table = new RouteTable(routes)
    for (let j = 0; j < 20; j++) {
      const request = get(oneOf(random, [...prefixes, '/a/', '/a/x', '/a/b/c/d', '/abc', '//a']), {
        host: oneOf(random, ['a.example.com', 'b.example.com', 'example.com', 'x.org']),
        headers: random() < 0.5 ? { 'x-a': '1' } : {}
      })
      const selection = table.select(request)
      const expected = first(table.explain(request).flatMap(({ route: each, unmet }) => (unmet === undefined ? [each] : [])))
      assert.equal(selection.kind === 'route' ? selection.route : undefined, expected, `${request.host}${request.path}`)
    }
  }
})

/** The most specific of routes that all match, in the order of the file. */
function first(matching: readonly Route[]): Route | undefined {
  const rank = ({ host = '' }: Route) => (host === '' ? 0 : host.startsWith('*.') ? host.length : 1000)
  return [...matching].sort(
    (one, other) =>
      rank(other) - rank(one) ||
      Number(other.exact ?? false) - Number(one.exact ?? false) ||
      other.prefix.length - one.prefix.length ||
      predicateCount(other) - predicateCount(one)
  )[0]
}

describe('a route with a whole path', () => {
  const whole = route('/a', { exact: true })

  test('matches that path alone, whatever the query', () => {
    for (const more of [{}, { search: '?b' }]) assert.equal(chosen([whole], get('/a', more)), 0)
    for (const path of ['/', '/a/', '/a/b', '/ab', '/A']) assert.equal(chosen([whole], get(path)), undefined, path)
  })

  test('comes before every prefix of its host, and hides nothing where another predicate does not hold', () => {
    const prefix = route('/a', { methods: new Set(['GET']), headers: [['x', '1']] })
    const post = route('/a', { exact: true, methods: new Set(['POST']) })
    const headers = { x: '1' }
    assert.equal(chosen([prefix, whole], get('/a', { headers })), 1)
    assert.equal(chosen([prefix, post], get('/a', { headers })), 0)
    assert.equal(chosen([whole, post], get('/a', { method: 'POST' })), 1)
    assert.equal(chosen([route('/', { host: 'a.example.com' }), whole], get('/a')), 0)
  })

  test('may be / alone, and is written with escapes of either case', () => {
    const root = route('/', { exact: true })
    assert.equal(chosen([root], get('/')), 0)
    assert.equal(chosen([root], get('/a')), undefined)
    assert.equal(chosen([route('/%c3%a9', { exact: true })], get('/%C3%A9')), 0)
  })

  test('says which methods it takes, and why it is not taken', () => {
    const table = new RouteTable([route('/a', { exact: true, methods: new Set(['POST']) })])
    assert.deepEqual(table.select(get('/a')), { kind: 'method', allow: ['POST'] })
    assert.equal(table.explain(get('/a/b'))[0]?.unmet, 'prefix')
    assert.equal(table.explain(get('/a'))[0]?.unmet, 'method')
  })
})
