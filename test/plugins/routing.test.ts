import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { type TestContext, test } from 'node:test'
import errors from '../../plugins/errors.ts'
import origin from '../../plugins/origin.ts'
import routing, { matchOf, readRequests } from '../../plugins/routing.ts'
import type { Route } from '../../src/model/route.ts'
import { RouteTable } from '../../src/routing/table.ts'
import { route } from '../unit/fixtures/routes.ts'
import { originOptions, reading } from './bare.ts'

async function app(t: TestContext, routes: readonly Route[]) {
  const options = originOptions()
  const made = reading(t, routes, options)
  await made.register(errors)
  await made.register(origin, options)
  await made.register(routing, options)
  made.all('/*', async ({ match, url }) => ({
    prefix: match.kind === 'route' ? match.route.prefix : null,
    path: match.path,
    search: match.search,
    url
  }))
  return made
}

test('a request carries its route and the one reading of its path', async t => {
  const own = await app(t, [route('/'), route('/orders')])
  const response = await own.inject('/orders/%7e7?a=%7e')
  assert.deepEqual(response.json(), { prefix: '/orders', path: '/orders/~7', search: '?a=%7e', url: '/orders/~7?a=%7e' })
})

test('a request that has no route is refused before any policy is asked', async t => {
  const own = await app(t, [route('/orders', { methods: new Set(['GET', 'PUT']) })])
  const asked: string[] = []
  own.addHook('onRequest', async ({ url }) => void asked.push(url))
  const missing = await own.inject('/else')
  assert.deepEqual([missing.statusCode, missing.json().code], [404, 'EG_NO_ROUTE'])
  const method = await own.inject({ method: 'POST', url: '/orders' })
  assert.deepEqual([method.statusCode, method.json().code, method.headers['allow']], [405, 'EG_METHOD', 'GET, PUT'])
  const odd = await own.inject('/%ff')
  assert.deepEqual([odd.statusCode, odd.json().code], [400, 'EG_BAD_REQUEST'])
  assert.match(odd.json().detail, /UTF-8/)
  assert.deepEqual(asked, [])
})

test('a refusal has the id of the request', async t => {
  const own = await app(t, [])
  const response = await own.inject('/')
  assert.equal(response.headers['x-request-id'], response.json().requestId)
})

test('a request that has been here before is refused, one that came by another gateway is not', async t => {
  const own = await app(t, [route('/')])
  const via = async (value: string) => (await own.inject({ url: '/', headers: { via: value } })).statusCode
  assert.equal(await via('1.1 other, 1.1 evergate-test, 1.0 third'), 508)
  assert.equal(await via('1.1 evergate-other'), 200)
})

test('Fastify’s router sees what is forwarded, and nothing of what is refused', () => {
  const read = readRequests(new RouteTable([route('/'), route('/admin')]))
  // Only these parts of a request are read.
  const request = (url: string) => ({ method: 'GET', url, headers: { host: 'a' } }) as IncomingMessage
  assert.equal(read(request('/x/../admin/./y?q')), '/admin/y?q')
  assert.equal(read(request('http://other.test/a%2Fb')), '/a%2Fb')
  assert.equal(read(request('/x/..%2Fadmin')), '/')
  assert.equal(read(request('*')), '/')
})

test('a request that nobody has read is refused', () => {
  // Nothing of it is read.
  const match = matchOf({} as IncomingMessage)
  assert.ok(match.kind === 'refused' && match.code === 'EG_BAD_REQUEST')
})
