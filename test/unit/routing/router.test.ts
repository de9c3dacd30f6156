import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Route } from '../../../src/model/route.ts'
import { hostName } from '../../../src/routing/request-view.ts'
import { matchRequest, readTarget } from '../../../src/routing/router.ts'
import { RouteTable } from '../../../src/routing/table.ts'
import { route } from '../fixtures/routes.ts'

const match = (routes: readonly Route[], target: string, host = 'host.test:8080', method = 'GET') =>
  matchRequest(new RouteTable(routes), method, target, { host })

/** What a request comes to in one line: the prefix of its route and the path that goes on, or the code of the refusal. */
function end(routes: readonly Route[], target: string, method = 'GET'): string {
  const result = match(routes, target, 'host.test', method)
  return result.kind === 'route' ? `${result.route.prefix} ${result.path}${result.search}` : result.code
}

describe('a request target', () => {
  const table: readonly (readonly [target: string, parts: ReturnType<typeof readTarget>])[] = [
    ['/', { path: '/', search: '' }],
    ['/a?b=c?d', { path: '/a', search: '?b=c?d' }],
    ['/a?', { path: '/a', search: '?' }],
    ['//a/b', { path: '//a/b', search: '' }],
    ['http://h:80/a?b', { path: '/a', search: '?b', authority: 'h:80' }],
    ['HTTPS://H', { path: '/', search: '', authority: 'H' }],
    ['http://h?b', { path: '/', search: '?b', authority: 'h' }],
    ['http://[::1]:80/a', { path: '/a', search: '', authority: '[::1]:80' }],
    ['*', undefined],
    ['', undefined],
    ['a/b', undefined],
    ['host.test:443', undefined],
    ['ftp://h/a', undefined],
    ['http:///a', undefined],
    ['http://user@h/a', undefined],
    ['http://h/a#b', undefined],
    ['http:/h/a', undefined]
  ]
  for (const [target, parts] of table) {
    test(`${JSON.stringify(target)} is ${parts === undefined ? 'refused' : `${parts.path}${parts.search}`}`, () => {
      assert.deepEqual(readTarget(target), parts)
      if (parts === undefined) assert.equal(end([route('/')], target), 'EG_BAD_REQUEST')
    })
  }

  test('in absolute-form stands in place of the Host field', () => {
    const routes = [route('/', { host: 'a.test' }), route('/', { host: 'b.test' })]
    const result = match(routes, 'http://B.test:99/x', 'a.test')
    assert.equal(result.kind === 'route' && result.route, routes[1])
    assert.equal(result.host, 'B.test:99')
  })

  test('of OPTIONS may not be an asterisk, which no target could be asked for', () => {
    assert.equal(end([route('/')], '*', 'OPTIONS'), 'EG_BAD_REQUEST')
  })
})

test('the host is compared without its port and final dot, in lower case', () => {
  for (const [given, name] of [
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['example.com:8080', 'example.com'],
    ['example.com.:8080', 'example.com'],
    ['[::1]:8080', '[::1]'],
    ['[FE80::1]', '[fe80::1]'],
    ['', '']
  ] as const)
    assert.equal(hostName(given), name)
})

test('a path with a malformed escape, one that is not UTF-8 or a fragment is refused', () => {
  for (const target of ['/%', '/%4', '/%gg', '/%C3', '/a#b', '/a#?b', '/%C0%AE/'])
    assert.equal(end([route('/')], target), 'EG_BAD_REQUEST', target)
})

test('a query goes on as it is, whatever stands in it', () => {
  for (const search of ['?a=%', '?/../b', '?a#b', '?%2F//\\', '??'])
    assert.equal(end([route('/')], `/x${search}`), `/ /x${search}`)
})

test('a path is forwarded as it was matched', () => {
  const routes = [route('/'), route('/admin')]
  for (const [target, result] of [
    ['/x/../admin/y', '/admin /admin/y'],
    ['/%61dmin/%7ey', '/admin /admin/~y'],
    ['/x/%2e%2e/admin', '/admin /admin'],
    ['/administrator', '/ /administrator'],
    ['/%2561dmin', '/ /%2561dmin']
  ] as const)
    assert.equal(end(routes, target), result, target)
})

describe('a path that could be read in another way', () => {
  const routes = [route('/'), route('/admin'), route('/pub'), route('/a:b')]

  test('is refused where another route, or none, would match', () => {
    for (const path of [
      '//admin',
      '/%2Fadmin',
      '/admin%2Fx',
      '/admin%2fx',
      '/admin\\x',
      '/admin%5cx',
      '/admin%00',
      '/x%00/../admin%00',
      '/adm%00in',
      '/pub/..%2Fadmin',
      '/pub\\..\\admin',
      '/pub/..;/admin',
      '/admin;v=1',
      '/admin%3Bv=1',
      '/a%3Ab',
      '/a%3ab/c',
      // Only by one that collapses slashes before it removes dots.
      '/pub/%2F../admin',
      '/pub//../admin',
      '/pub//%2e%2e/admin',
      // Only by one that turns backslashes and decodes nothing.
      '/y/a%5Cb\\..\\..\\admin'
    ])
      assert.equal(end(routes, path), 'EG_BAD_REQUEST', path)
    assert.equal(end([route('/pub')], '/pub/..%2F..%2Fetc'), 'EG_BAD_REQUEST')
  })

  test('passes unchanged where the same route would', () => {
    for (const path of ['/pub/a%2Fb', '/pub/a%5Cb', '/pub/a\\b', '/pub//x', '/pub/a%00', '/pub/a;v=1', '/pub/x%3Ay', '/%C3%a9']) {
      const result = match(routes, path)
      assert.equal(result.kind === 'route' && result.path, path)
    }
  })

  test('passes without its dot segments where the same route would', () => {
    for (const [path, sent] of [
      ['/x//../y', '/x/y'],
      ['/pub/a//../b', '/pub/a/b'],
      ['/pub/%2e%2e/admin/x', '/admin/x']
    ] as const) {
      const result = match(routes, path)
      assert.equal(result.kind === 'route' && result.path, sent, path)
    }
  })

  test('is refused where it could leave the rewrite of its route', () => {
    const rewriting = [route('/', { rewrite: '/v1' }), route('/a', { rewrite: '/x/y' })]
    for (const path of ['/..%2Fsecret', '/..\\secret', '/..;/secret', '/a/..%2Fa/z', '/a/%2F..%2F..'])
      assert.equal(end(rewriting, path), 'EG_BAD_REQUEST', path)
    for (const path of ['/x%2Fy', '/a/b%2F..%2Fc', '/a/b;v=1', '/a//b'])
      assert.notEqual(end(rewriting, path), 'EG_BAD_REQUEST', path)
  })

  test('may climb where the rewrite is the root', () => {
    assert.equal(end([route('/', { rewrite: '/' })], '/..%2Fx'), '/ /..%2Fx')
  })
})

test('a request without a route is told so, one with another method what there is', () => {
  const routes = [route('/a', { methods: new Set(['GET', 'PUT']) })]
  const missing = match(routes, '/b')
  assert.ok(missing.kind === 'refused' && missing.code === 'EG_NO_ROUTE')
  const method = match(routes, '/a', 'h', 'POST')
  assert.ok(method.kind === 'refused' && method.code === 'EG_METHOD')
  assert.deepEqual(method.allow, ['GET', 'PUT'])
})

test('a request without a Host is matched by routes that name none', () => {
  const table = new RouteTable([route('/', { host: 'a.test' }), route('/')])
  const result = matchRequest(table, 'GET', '/', {})
  assert.equal(result.kind === 'route' && result.route, table.routes[1])
})
