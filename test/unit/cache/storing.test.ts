import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { directivesOf } from '../../../src/cache/directives.ts'
import type { Fields } from '../../../src/cache/fields.ts'
import { initialAgeMs, lifetimeMs } from '../../../src/cache/freshness.ts'
import { entryOf, mayStore, selectingFields } from '../../../src/cache/storing.ts'
import { kept, now, rules } from './asking.ts'

const http = (ms: number) => new Date(ms).toUTCString()
const lifetime = (fields: Fields, status = 200) => lifetimeMs(status, fields, directivesOf(fields), now)
const stores = (fields: Fields, status = 200, headers: Fields = {}, authenticated = false) =>
  mayStore(status, fields, directivesOf(fields), { headers, authenticated })

describe('an answer is fresh', () => {
  const expires = http(now + 100_000)
  const cases: readonly [string, Fields, number | undefined][] = [
    ['as s-maxage says first', { 'cache-control': 's-maxage=1, max-age=2', expires }, 1000],
    ['then max-age', { 'cache-control': 'max-age=2', expires }, 2000],
    ['then Expires, from its date on', { expires, date: http(now - 50_000) }, 150_000],
    ['not at all with an Expires that is no date', { expires: '0' }, 0],
    ['for a tenth of its time', { 'last-modified': http(now - 100_000) }, 10_000],
    ['for a day at most if that is guessed', { 'last-modified': http(0) }, 86_400_000],
    ['nobody knows how long', {}, undefined]
  ]
  for (const [name, fields, ms] of cases) test(name, () => assert.equal(lifetime(fields), ms))

  test('by a guess only where its status allows for one', () => {
    const fields = { 'last-modified': http(now - 100_000) }
    assert.deepEqual([lifetime(fields, 302), lifetime({ ...fields, 'cache-control': 'public' }, 302)], [undefined, 10_000])
  })
})

test('the age of an answer is what it says and what the way took, or its date, whichever is more', () => {
  const exchanged = { askedAt: now - 2000, cameAt: now }
  assert.equal(initialAgeMs({ age: '10' }, exchanged), 12_000)
  assert.equal(initialAgeMs({ age: '10', date: http(now - 60_000) }, exchanged), 60_000)
  assert.equal(initialAgeMs({ date: http(now + 60_000) }, exchanged), 2000)
  for (const age of ['x', '-1', '1.5', '0, 0']) assert.ok(initialAgeMs({ age }, exchanged) > 1e12, age)
})

describe('a shared cache', () => {
  const fresh = { 'cache-control': 'max-age=60' }
  const shown = { authorization: 'Bearer x' }
  const cases: readonly [string, boolean, () => boolean][] = [
    ['keeps what says how long', true, () => stores(fresh, 500)],
    ['keeps what may be guessed', true, () => stores({}, 404)],
    ['keeps nothing else', false, () => stores({}, 500)],
    ['keeps nothing that is about the request', false, () => [400, 413, 429, 431].some(status => stores(fresh, status))],
    ['keeps no part', false, () => stores(fresh, 206)],
    ['keeps nothing private', false, () => stores({ 'cache-control': 'private, max-age=60' })],
    ['keeps what is private in some fields', true, () => stores({ 'cache-control': 'private="x-a", max-age=60' })],
    ['keeps nothing that is not to be stored', false, () => stores({ 'cache-control': 'no-store, max-age=60' })],
    ['or is, where it understands', true, () => stores({ 'cache-control': 'no-store, must-understand, max-age=60' })],
    ['and does not where it does not', false, () => stores({ 'cache-control': 'must-understand, max-age=60' }, 299)],
    ['keeps nothing for Authorization', false, () => stores(fresh, 200, shown)],
    ['nor on a route with auth', false, () => stores(fresh, 200, {}, true)],
    ['but what is public', true, () => stores({ 'cache-control': 'public' }, 200, shown, true)],
    ['or for shared caches', true, () => stores({ 'cache-control': 's-maxage=1' }, 200, shown, true)],
    ['or must be validated', true, () => stores({ 'cache-control': 'max-age=1, must-revalidate' }, 200, shown, true)],
    ['keeps no cookies', false, () => stores({ ...fresh, 'set-cookie': ['a=1'] })],
    ['but public ones', true, () => stores({ 'cache-control': 'public', 'set-cookie': ['a=1'] })],
    ['keeps nothing that varies by anything', false, () => stores({ ...fresh, vary: 'accept, *' })],
    ['nor by what the gateway writes', false, () => stores({ ...fresh, vary: ['accept', 'Forwarded'] })]
  ]
  for (const [name, expected, act] of cases) test(name, () => assert.equal(act(), expected))

  test('goes by the fields of Vary in any layout', () => {
    assert.deepEqual(selectingFields({ vary: ['B , a', ',b,'] }), ['a', 'b'])
    assert.deepEqual(selectingFields({}), [])
    assert.equal(selectingFields({ vary: 'a b' }), undefined)
  })
})

describe('what is kept', () => {
  test('is the fields but those that are told anew or are for one client', () => {
    const { fields, tags } = kept({
      'cache-control': 'max-age=60, no-cache="x-a", private="x-b"',
      'x-a': '1',
      'x-b': '2',
      'x-c': '3',
      age: '1',
      'content-length': '5',
      'surrogate-key': 'one  two,three'
    })
    assert.deepEqual(Object.keys(fields).sort(), ['cache-control', 'date', 'x-c'])
    assert.deepEqual(tags, ['one', 'two', 'three'])
  })

  test('stays for as long as anything can be done with it', () => {
    const lasts = (fields: Fields, more = {}) =>
      (entryOf(200, fields, Buffer.alloc(0), { askedAt: now, cameAt: now }, { ...rules, ...more })?.deleteAt ?? now) - now
    assert.equal(lasts({ 'cache-control': 'max-age=60' }), 60_000)
    assert.equal(lasts({ 'cache-control': 'max-age=60', etag: '"a"' }), 3_660_000)
    assert.equal(lasts({ 'cache-control': 'max-age=60, stale-if-error=10' }), 70_000)
    assert.equal(lasts({ 'cache-control': 'max-age=60' }, { staleWhileRevalidateMs: 5000 }), 65_000)
    assert.equal(lasts({ 'cache-control': 'max-age=60, must-revalidate' }, { staleIfErrorMs: 5000 }), 60_000)
    assert.equal(lasts({ 'cache-control': 'max-age=0' }), 0)
    assert.equal(lasts({ 'cache-control': 'max-age=99999999999' }), 365 * 86_400_000)
    assert.equal(lasts({ etag: '"a"' }), 0)
    assert.equal(lasts({ 'cache-control': 'no-cache', etag: '"a"' }), 3_600_000)
  })
})
