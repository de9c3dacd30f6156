import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fieldWithout, keptBackOf, searchWithout } from '../../../src/model/kept-back.ts'
import { firstQueryValue } from '../../../src/model/query.ts'
import { requestKey } from '../../../src/model/request-key.ts'
import { seededRandom } from '../../../src/testing.ts'

const cookies = keptBackOf([{ cookie: 'token' }], {})
const queries = keptBackOf([{ query: 'key' }], {})

test('a field that was read is kept back, one that has been replaced since or has another scheme is not', () => {
  const headers = { 'x-key': 'a', authorization: 'beArer a', 'set-cookie': ['a'] }
  const kept = keptBackOf([{ header: 'x-key' }, { header: 'x-none' }, { scheme: 'bearer' }], headers)
  assert.equal(fieldWithout(kept, 'x-key', 'a'), undefined)
  assert.equal(fieldWithout(kept, 'x-key', 'b'), 'b')
  assert.equal(fieldWithout(kept, 'x-none', 'a'), 'a')
  assert.equal(fieldWithout(kept, 'authorization', headers.authorization), undefined)
  assert.equal(fieldWithout(kept, 'set-cookie', headers['set-cookie']), headers['set-cookie'])
  for (const authorization of ['Basic a', 'Bearers a', 'Bear', ''])
    assert.equal(keptBackOf([{ scheme: 'bearer' }], { authorization }).fields.size, 0, authorization)
  assert.equal(keptBackOf([{ scheme: 'bearer' }], { authorization: 'Bearer' }).fields.size, 1)
})

test('of cookies the one goes, and the others stay as they were written', () => {
  for (const [written, left] of [
    ['token=a', undefined],
    ['token=a; token=b', undefined],
    ['token=a; b="c d";e=f=g', 'b="c d";e=f=g'],
    ['b=c;  token=a ;d=e', 'b=c;d=e'],
    ['b=c; token=a', 'b=c'],
    ['b=token; token; tokens=a; Token=b', 'b=token; token; tokens=a; Token=b'],
    ['', '']
  ] as const)
    assert.equal(fieldWithout(cookies, 'cookie', written), left, written)
})

test('of the query the one parameter goes, and the others stay as they were written', () => {
  for (const [written, left] of [
    ['', ''],
    ['?', '?'],
    ['?key=a', ''],
    ['?key', ''],
    ['?key=a&key=b', ''],
    ['?k%65y=a&b=%7e+c&&d', '?b=%7e+c&&d'],
    ['?a=%zz&key=b&c=%E9', '?a=%zz&c=%E9'],
    ['?b=key&keys=1&Key=2&=key', '?b=key&keys=1&Key=2&=key'],
    ['??key=a', '??key=a'],
    ['?a=b&?key=c', '?a=b&?key=c'],
    ['?a=b;key=c', '?a=b;key=c']
  ] as const)
    assert.equal(searchWithout(queries, written), left, written)
})

describe('nothing is left that a reader of credentials finds', () => {
  const pieces = ['key', 'token', 'k%65y', '=', '&', ';', '?', ' ', '%', '+', 'a', '"']
  const random = seededRandom(4)
  const texts = Array.from({ length: 3000 }, () =>
    Array.from({ length: 8 }, () => pieces[Math.floor(random() * pieces.length)]).join('')
  )

  test('in cookies', () => {
    const read = requestKey('cookie:token')
    for (const text of texts) {
      const left = fieldWithout(cookies, 'cookie', text)
      if (left !== undefined) assert.equal(read?.({ headers: { cookie: String(left) }, search: '', ip: '' }), undefined, text)
    }
  })

  test('in queries, by either way of reading them', () => {
    for (const text of texts) {
      const left = searchWithout(queries, `?${text}`)
      assert.equal(firstQueryValue(left.slice(1), 'key'), undefined, text)
      assert.equal(new URLSearchParams(left).has('key'), false, text)
      if (firstQueryValue(text, 'key') === undefined) assert.equal(left, `?${text}`, 'and nothing else goes')
    }
  })
})
