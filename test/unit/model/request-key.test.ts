import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { firstQueryValue } from '../../../src/model/query.ts'
import { placeOfKey, requestKey } from '../../../src/model/request-key.ts'
import { assertDistributed } from '../fixtures/chi-squared.ts'

const request = {
  headers: { 'x-user': 'u1', 'x-many': ['a', 'b'], cookie: 'one=1; two = 2 ;three=a=b; bare; =x' },
  search: 'q=first&q=second&empty=&enc=a%20b',
  path: '/a/b',
  ip: '192.0.2.7'
}

describe('a request key', () => {
  for (const [by, value] of [
    ['ip', '192.0.2.7'],
    ['path', '/a/b'],
    ['header:X-User', 'u1'],
    ['header:x-many', 'a, b'],
    ['header:x-none', undefined],
    ['cookie:one', '1'],
    ['cookie:two', '2'],
    ['cookie:three', 'a=b'],
    ['cookie:bare', undefined],
    ['cookie:tw', undefined],
    ['query:q', 'first'],
    ['query:empty', ''],
    ['query:enc', 'a b'],
    ['query:none', undefined]
  ] as const) {
    test(`${by} reads ${value === undefined ? 'nothing' : JSON.stringify(value)}`, () => {
      assert.equal(requestKey(by)?.(request), value)
    })
  }

  test('reads nothing of a request that brings nothing', () => {
    const bare = { headers: {}, search: '', path: '/', ip: '192.0.2.7' }
    for (const by of ['header:x', 'cookie:x', 'query:x']) assert.equal(requestKey(by)?.(bare), undefined, by)
  })

  test('is none for what names no source, or nothing in it', () => {
    for (const by of ['', 'moon', 'header', 'header:', 'cookie:', ':x', 'IP', 'moon:x'])
      assert.equal(requestKey(by), undefined, by)
  })
})

describe('the place of a key', () => {
  test('is from 0 to below 1 and the same every time', () => {
    for (const key of ['', 'a', 'user-1', '192.0.2.7', 'ключ', '\u{1f511}']) {
      const place = placeOfKey(key)
      assert.ok(place >= 0 && place < 1, key)
      assert.equal(placeOfKey(key), place)
    }
  })

  test('is the same on every gateway and in every version, or clients would move', () => {
    assert.deepEqual(
      ['', 'a', 'user-1', '192.0.2.7'].map(key => Math.floor(placeOfKey(key) * 2 ** 32).toString(16)),
      ['ab3e7c0b', '1a80b1b3', '778f8aec', 'a670313e']
    )
  })

  test('spreads keys that differ only in a counter evenly', () => {
    const counts = new Array(10).fill(0)
    for (let i = 0; i < 50_000; i++) counts[Math.floor(placeOfKey(`user-${i}`) * 10)]++
    assertDistributed(counts, new Array(10).fill(1))
  })
})

test('the first value of a query parameter counts, decoded', () => {
  assert.equal(firstQueryValue('a=1&b=2&a=3', 'a'), '1')
  assert.equal(firstQueryValue('a%5Bb%5D=x+y', 'a[b]'), 'x y')
  assert.equal(firstQueryValue('a=%', 'a'), '%')
  assert.equal(firstQueryValue('', 'a'), undefined)
  assert.equal(firstQueryValue('?a=1', 'a'), undefined, 'the question mark is a part of the name')
})
