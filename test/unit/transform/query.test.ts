import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type QueryRules, queryEdit } from '../../../src/transform/query.ts'
import { facts } from './facts.ts'

const none: QueryRules = { set: {}, add: {}, remove: [] }
const edited = (search: string, rules: Partial<QueryRules>, more: Parameters<typeof facts>[0] = {}) =>
  queryEdit({ ...none, ...rules })?.(search, facts(more))

const cases: readonly (readonly [rules: Partial<QueryRules>, search: string, made: string])[] = [
  [{ remove: ['a'] }, '?a=1', ''],
  [{ remove: ['a'] }, '', ''],
  [{ remove: ['a'] }, '?', ''],
  [{ remove: ['a'] }, '?b=%7e+%2F&a=1&c&&d=;&a&%61=2&A=3', '?b=%7e+%2F&c&&d=;&A=3'],
  [{ remove: ['a b'] }, '?a+b=1&a%20b=2&ab=3', '?ab=3'],
  [{ remove: ['a'] }, '?%=1&%zz=2&a%=3', '?%=1&%zz=2&a%=3'],
  [{ remove: ['a%'] }, '?a%=3&a%25=4', ''],
  [{ set: { a: 'x' } }, '?a=1&b=2&a=3', '?b=2&a=x'],
  [{ add: { a: 'x' } }, '?a=1', '?a=1&a=x'],
  [{ set: { 'a&b': 'c=d&e#f?ä %2F' } }, '', '?a%26b=c%3Dd%26e%23f%3F%C3%A4%20%252F'],
  [{ set: { a: '{query:x}' } }, '?x=1', '?x=1&a=%26admin%3D1%23%0D%0A'],
  [{ set: { a: '{claim:none}' } }, '?a=1&b=2', '?b=2'],
  [{ add: { p: '{path.3}' } }, '?', '?p=a%26b%2Fc'],
  [{ add: { p: '{path.9}' } }, '?b', '?b'],
  [{ add: { h: '{header:x-a}' } }, '', '?h=%C3%BC'],
  [{ add: { h: '{header:x-bad}' } }, '?b', '?b']
]
for (const [rules, search, made] of cases) {
  test(`${JSON.stringify(rules)} makes ${made === '' ? 'nothing' : made} of ${search === '' ? 'nothing' : search}`, () => {
    const request = {
      search: 'x=%26admin%3D1%23%0D%0A',
      path: '/users/42/a&b%2Fc',
      headers: { 'x-a': '\xc3\xbc', 'x-bad': '\xff' }
    }
    assert.equal(edited(search, rules, request), made)
  })
}

test('no rules are no edit', () => assert.equal(queryEdit(none), undefined))
