import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { directivesOf, isWhole, namedFields, secondsOf } from '../../../src/cache/directives.ts'
import { httpDate } from '../../../src/cache/fields.ts'

const read = (...lines: string[]) => directivesOf({ 'cache-control': lines })

describe('Cache-Control', () => {
  test('is read whatever its case, layout and lines', () => {
    const directives = read('Max-Age=5 ,  PUBLIC', 'no-cache="a, B", x="say \\"max-age=9\\", please"')
    assert.deepEqual(
      [...directives],
      [
        ['max-age', '5'],
        ['public', true],
        ['no-cache', 'a, B'],
        ['x', 'say "max-age=9", please']
      ]
    )
    assert.deepEqual(namedFields(directives), ['a', 'b'])
    assert.equal(isWhole(directives, 'no-cache'), false)
    assert.equal(isWhole(read('no-cache=""'), 'no-cache'), true)
  })

  const numbers: readonly [string, number | undefined][] = [
    ['max-age=5', 5],
    ['max-age="5"', 5],
    ['max-age=007', 7],
    ['max-age=99999999999999', 2 ** 31],
    ['max-age=5.0', 0],
    ['max-age=-1', 0],
    ['max-age=a5', 0],
    ['max-age=', 0],
    ['max-age', 0],
    ['max-age=9, max-age=3', 3],
    ['x-max-age=5', undefined],
    ['"max-age=5"', undefined]
  ]
  for (const [text, seconds] of numbers) {
    test(`${text} is ${seconds}`, () => assert.equal(secondsOf(read(text), 'max-age'), seconds))
  }

  test('that makes no sense is none, however long', () => {
    for (const text of ['', ',,,', '=', '"', `"${'\\'.repeat(100_000)}`, `${'a="'.repeat(20_000)}`]) read(text)
    assert.equal(read('=5, @=1, ,').size, 0)
  })
})

describe('an HTTP date', () => {
  const date = Date.UTC(1994, 10, 6, 8, 49, 37)
  test('has three forms', () => {
    for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])
      assert.equal(httpDate(text), date)
    assert.equal(httpDate('Friday, 01-Jan-38 00:00:00 GMT'), Date.UTC(2038, 0, 1))
  })

  test('and no other', () => {
    const wrong = [
      '0',
      '-1',
      '2026',
      'Sun, 06 Nov 1994 08:49:37',
      'Sun, 6 Nov 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 25:00:00 GMT',
      ''
    ]
    for (const text of wrong) assert.equal(httpDate(text), undefined, text)
    assert.equal(httpDate(['Sun, 06 Nov 1994 08:49:37 GMT', 'x']), undefined)
  })
})
