import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isKnown, updated, validating } from '../../../src/cache/conditions.ts'
import type { Fields } from '../../../src/cache/fields.ts'
import { invalidated } from '../../../src/cache/invalidation.ts'
import { mayStandIn, requestDirectives, useOf } from '../../../src/cache/reuse.ts'
import { served } from '../../../src/cache/serving.ts'
import { asked, kept, now, rules } from './asking.ts'

const use = (control: string, headers: Fields, laterSeconds: number, more = {}) =>
  useOf(
    kept({ 'cache-control': control, etag: '"a"' }),
    requestDirectives(headers),
    { ...rules, ...more },
    now + laterSeconds * 1000
  )
const wants = (control: string) => ({ 'cache-control': control })

describe('a stored answer', () => {
  const cases: readonly [string, ReturnType<typeof useOf>, () => ReturnType<typeof useOf>][] = [
    ['is used while it is fresh', 'fresh', () => use('max-age=60', {}, 59)],
    ['and validated then', 'validate', () => use('max-age=60', {}, 60)],
    ['is always validated with no-cache', 'validate', () => use('max-age=60, no-cache', {}, 0)],
    ['but not where that is about some fields', 'fresh', () => use('max-age=60, no-cache="a"', {}, 0)],
    ['is validated for who wants that', 'validate', () => use('max-age=60', wants('no-cache'), 0)],
    ['as Pragma said', 'validate', () => use('max-age=60', { pragma: 'No-Cache' }, 0)],
    ['where nothing newer is said', 'fresh', () => use('max-age=60', { pragma: 'no-cache', ...wants('max-age=9') }, 0)],
    ['is too old for max-age', 'validate', () => use('max-age=60', wants('max-age=10'), 10)],
    ['is not fresh enough for min-fresh', 'validate', () => use('max-age=60', wants('min-fresh=10'), 51)],
    ['is not too old for max-stale', 'fresh', () => use('max-age=60', wants('max-stale=10'), 69)],
    ['nor ever for max-stale without a number', 'fresh', () => use('max-age=60', wants('max-stale'), 9999)],
    ['but where it forbids that', 'validate', () => use('max-age=60, must-revalidate', wants('max-stale'), 61)],
    ['as shared answers do', 'validate', () => use('s-maxage=60', wants('max-stale'), 61)],
    ['is renewed meanwhile', 'revalidate', () => use('max-age=60, stale-while-revalidate=10', {}, 69)],
    ['in time', 'validate', () => use('max-age=60, stale-while-revalidate=10', {}, 70)],
    ['or in that of the route', 'revalidate', () => use('max-age=60', {}, 61, { staleWhileRevalidateMs: 2000 })],
    [
      'if it has none of its own',
      'validate',
      () => use('max-age=60, stale-while-revalidate=0', {}, 61, { staleWhileRevalidateMs: 2000 })
    ]
  ]
  for (const [name, expected, act] of cases) test(name, () => assert.equal(act(), expected))

  test('stands in for a failure where it, the route or the client says so', () => {
    const may = (control: string, headers: Fields, later: number, staleIfErrorMs = 0) =>
      mayStandIn(
        kept({ 'cache-control': control, etag: '"a"' }),
        requestDirectives(headers),
        { ...rules, staleIfErrorMs },
        now + later * 1000
      )
    assert.deepEqual([may('max-age=1, stale-if-error=9', {}, 9), may('max-age=1, stale-if-error=9', {}, 10)], [true, false])
    assert.deepEqual([may('max-age=1', {}, 9, 9000), may('max-age=1', {}, 9)], [true, false])
    assert.equal(may('max-age=1', wants('stale-if-error=9'), 9), true)
    for (const word of ['must-revalidate', 'proxy-revalidate', 's-maxage=1', 'no-cache'])
      assert.equal(may(`max-age=1, stale-if-error=99, ${word}`, wants('stale-if-error=99'), 9, 9000), false, word)
  })
})

describe('a condition', () => {
  const entry = kept({ 'cache-control': 'max-age=60', etag: 'W/"a"', 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT' })
  const known: readonly [Fields, boolean][] = [
    [{ 'if-none-match': '"a"' }, true],
    [{ 'if-none-match': '"b", W/"a"' }, true],
    [{ 'if-none-match': '*' }, true],
    [{ 'if-none-match': '"b"', 'if-modified-since': 'Thu, 02 Jan 2020 00:00:00 GMT' }, false],
    [{ 'if-modified-since': 'Wed, 01 Jan 2020 00:00:00 GMT' }, true],
    [{ 'if-modified-since': 'Tue, 31 Dec 2019 00:00:00 GMT' }, false],
    [{ 'if-modified-since': 'yesterday' }, false],
    [{}, false]
  ]
  for (const [headers, expected] of known)
    test(`${JSON.stringify(headers)} is ${expected}`, () => assert.equal(isKnown(headers, entry), expected))

  test('of the gateway takes the place of the client’s', () => {
    const headers = { 'if-none-match': '"b"', 'if-range': '"b"', range: 'bytes=0-1', accept: 'a' }
    assert.deepEqual(validating(headers, entry), {
      accept: 'a',
      'if-none-match': 'W/"a"',
      'if-modified-since': 'Wed, 01 Jan 2020 00:00:00 GMT'
    })
    assert.equal(validating(headers, kept({ 'cache-control': 'max-age=1' })), undefined)
  })

  test('that holds renews the fields but those of the body', () => {
    const after = updated({ etag: '"c"', 'content-length': '0', 'x-new': '1', 'cache-control': 'max-age=9' }, entry)
    assert.deepEqual(
      [after['etag'], after['content-length'], after['x-new'], after['cache-control']],
      ['W/"a"', undefined, '1', 'max-age=9']
    )
  })
})

describe('a range', () => {
  const entry = kept({ 'cache-control': 'max-age=60', etag: '"a"' }, '0123456789')
  const cases: readonly [string, number, string][] = [
    ['bytes=0-3', 206, '0123'],
    ['bytes=8-', 206, '89'],
    ['bytes=-3', 206, '789'],
    ['bytes=-99', 206, '0123456789'],
    ['bytes=5-99', 206, '56789'],
    ['bytes=10-', 416, ''],
    ['bytes=-0', 416, ''],
    ['bytes=3-1', 200, '0123456789'],
    ['bytes=-', 200, '0123456789'],
    ['bytes=0-1,3-4', 200, '0123456789'],
    ['lines=0-1', 200, '0123456789']
  ]
  for (const [range, status, text] of cases) {
    test(range, () => {
      const answer = served('GET', { range }, entry, now)
      assert.deepEqual([answer.status, answer.body?.toString() ?? ''], [status, text])
      assert.equal(answer.fields['content-length'], String(text.length))
    })
  }

  test('is one of what the client knows, else it is the whole', () => {
    const status = (condition: string) => served('GET', { range: 'bytes=0-1', 'if-range': condition }, entry, now).status
    assert.deepEqual([status('"a"'), status('"b"'), status('W/"a"')], [206, 200, 200])
  })
})

test('what changes something makes its own address invalid, and those that its answer names on the same site', () => {
  const paths = (method: string, status: number, fields: Fields) =>
    invalidated(asked({ method, path: '/a/b', search: '?x' }), status, fields).map(({ path, search }) => path + search)
  assert.deepEqual(paths('POST', 201, { location: 'c?y', 'content-location': 'http://a.test/d' }), ['/a/b?x', '/a/c?y', '/d'])
  assert.deepEqual(paths('DELETE', 204, { location: 'https://a.test/c' }), ['/a/b?x'])
  assert.deepEqual(paths('POST', 201, { location: '//b.test/c' }), ['/a/b?x'])
  assert.deepEqual([paths('POST', 400, {}), paths('OPTIONS', 200, {})], [[], []])
})
