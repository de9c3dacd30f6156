import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { differentPaths, mostListed } from '../../../src/mirror/difference.ts'
import { IgnoredFields } from '../../../src/mirror/ignored-fields.ts'

const paths = (one: string, other: string, ...ignored: readonly string[]) =>
  differentPaths(JSON.parse(one), JSON.parse(other), new IgnoredFields(ignored))

describe('two JSON values', () => {
  const cases: readonly (readonly [one: string, other: string, paths: readonly string[]])[] = [
    ['{"a":1,"b":[1,2]}', '{"b":[1,2],"a":1}', []],
    ['1', '1.0', []],
    ['1', '"1"', ['$']],
    ['null', '{}', ['$']],
    ['[]', '{}', ['$']],
    ['{"a":null}', '{}', ['$.a']],
    ['{}', '{"a":{"b":1}}', ['$.a']],
    ['[1,2,3]', '[1,3]', ['$.1', '$.2']],
    ['{"a":{"b":{"c":1}},"z":1}', '{"a":{"b":{"c":2}},"z":2}', ['$.z', '$.a.b.c']],
    ['{"__proto__":1}', '{}', ['$.__proto__']],
    ['{"toString":1}', '{"a":1}', ['$.toString', '$.a']]
  ]
  for (const [one, other, expected] of cases) {
    test(`${one} and ${other} differ ${expected.length === 0 ? 'nowhere' : `at ${expected.join(' ')}`}`, () => {
      assert.deepEqual(paths(one, other), expected)
    })
  }

  test('are listed as far as a line can hold', () => {
    const list = (value: number) => JSON.stringify(Array.from({ length: 1000 }, () => value))
    assert.equal(paths(list(1), list(2)).length, mostListed)
    const [path] = paths(JSON.stringify({ ['n'.repeat(1000)]: 1 }), '{}')
    assert.equal(path, `$.${'n'.repeat(64)}...`)
  })

  test('may be nested as deeply as they like', () => {
    const deep = (value: number) => '['.repeat(50_000) + value + ']'.repeat(50_000)
    assert.equal(paths(deep(1), deep(1)).length, 0)
    assert.deepEqual(paths(deep(1), deep(2), '$.a.b', '$.0.*.0'), [])
    const [path = ''] = paths(deep(1), deep(2), '$.a.b')
    assert.equal(path, `$${'.0'.repeat(32)}....`)
  })
})

describe('a field that is ignored', () => {
  const one = '{"id":1,"meta":{"id":1,"time":1},"items":[{"at":1},{"at":1}]}'
  const other = '{"id":2,"meta":{"id":2,"time":2},"items":[{"at":2},{"at":2}]}'
  const all = ['$.id', '$.meta.id', '$.meta.time', '$.items.0.at', '$.items.1.at']
  const cases: readonly (readonly [ignored: readonly string[], left: readonly string[]])[] = [
    [[], all],
    [['id'], ['$.meta.time', '$.items.0.at', '$.items.1.at']],
    [['$.id'], all.slice(1)],
    [['meta', 'items'], ['$.id']],
    [
      ['$.meta.time', '$.items.*.at'],
      ['$.id', '$.meta.id']
    ],
    [['$.items.1.at'], all.slice(0, 4)],
    [['$.*.time'], ['$.id', '$.meta.id', '$.items.0.at', '$.items.1.at']],
    [['0'], all],
    [['$.meta.time.more', '$.met'], all]
  ]
  for (const [ignored, left] of cases) {
    test(`${ignored.join(' ') || 'nothing'} leaves ${left.length}`, () => assert.deepEqual(paths(one, other, ...ignored), left))
  }
})
