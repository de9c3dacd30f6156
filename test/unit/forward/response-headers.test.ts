import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { responseHeaders } from '../../../src/forward/response-headers.ts'
import type { Route } from '../../../src/model/route.ts'
import { route } from '../fixtures/routes.ts'

function received(upstream: Record<string, string | string[]>, more: Partial<Route> = {}) {
  const own = route('/pub', more)
  return responseHeaders(upstream, own, { route: own, targetUrl: 'http://10.0.0.1:3000', host: 'shop.test', protocol: 'https' })
}

describe('to the client go', () => {
  test('the upstream’s fields as they are', () => {
    const fields = {
      'content-type': 'text/plain',
      'content-length': '3',
      etag: '"x"',
      'set-cookie': ['a=1', 'b=2'],
      server: 'any'
    }
    assert.deepEqual(received(fields), fields)
  })

  test('no field that concerns one connection, be it known or named by Connection', () => {
    const fields = received({
      connection: 'close, x-private',
      'keep-alive': 'timeout=5',
      'transfer-encoding': 'chunked',
      upgrade: 'h2c',
      'proxy-authenticate': 'Basic',
      'x-private': '1',
      'x-public': '1'
    })
    assert.deepEqual(fields, { 'x-public': '1' })
  })

  test('not the upstream’s idea of the request’s id', () => {
    assert.deepEqual(received({ 'x-request-id': 'theirs' }), {})
  })

  test('nothing at all when a field has what cannot be written', () => {
    for (const value of ['a\x00b', 'a\nb', 'a\rb', 'a\x7fb', 'a\u0100b']) {
      assert.equal(received({ 'x-odd': value }), undefined)
      assert.equal(received({ 'x-odd': ['fine', value] }), undefined)
    }
    assert.deepEqual(received({ 'x-even': 'a\tb \xe9' }), { 'x-even': 'a\tb \xe9' })
  })

  test('the rest, when that field would not have gone anyway', () => {
    assert.deepEqual(received({ 'keep-alive': 'a\x00b', 'x-a': '1' }), { 'x-a': '1' })
    assert.deepEqual(received({ 'x-odd': 'a\x00b' }, { responseEdit: { drop: new Set(['x-odd']), append: [] } }), {})
  })
})

describe('a route may change the fields of its answers', () => {
  test('taking out, setting and adding', () => {
    const responseEdit = {
      drop: new Set(['server', 'x-a']),
      append: [
        ['x-a', 'set'],
        ['x-b', 'added'],
        ['x-c', 'new']
      ] as const
    }
    assert.deepEqual(received({ server: 'any', 'x-a': '1', 'x-b': '2' }, { responseEdit }), {
      'x-b': ['2', 'added'],
      'x-a': 'set',
      'x-c': 'new'
    })
  })

  test('adding a cookie to those that are there', () => {
    const responseEdit = { drop: new Set<string>(), append: [['set-cookie', 'c=3']] as const }
    assert.deepEqual(received({ 'set-cookie': ['a=1', 'b=2'] }, { responseEdit })?.['set-cookie'], ['a=1', 'b=2', 'c=3'])
  })
})

test('addresses and cookie paths come back under the client’s prefix', () => {
  const fields = received(
    { location: 'http://10.0.0.1:3000/in/x', 'content-location': '/in/y', 'set-cookie': ['a=1; Path=/in', 'b=2'] },
    { rewrite: '/in' }
  )
  assert.deepEqual(fields, { location: '/pub/x', 'content-location': '/pub/y', 'set-cookie': ['a=1; Path=/pub', 'b=2'] })
})

test('a single cookie is a list like several', () => {
  assert.deepEqual(received({ 'set-cookie': 'a=1; Path=/in/x' }, { rewrite: '/in' })?.['set-cookie'], ['a=1; Path=/pub/x'])
})
