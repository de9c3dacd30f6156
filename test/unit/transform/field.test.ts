import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Facts } from '../../../src/model/facts.ts'
import { placeholders, readTemplate } from '../../../src/model/template.ts'
import { fieldValue } from '../../../src/transform/field.ts'
import { facts } from './facts.ts'

function said(template: string, more: Parameters<typeof facts>[0] = {}): string | undefined {
  const value = fieldValue(template)
  return typeof value === 'string' ? value : value(facts(more))
}

describe('a text without placeholders is itself', () => {
  const same = [
    '',
    'plain',
    'a {"b":{"c":1}}',
    '{}',
    '{ ip }',
    '{1}',
    '$1 {',
    '}',
    '{{',
    'max-age=1; {"group":"x","endpoints":[{"url":"u"}]}'
  ]
  for (const text of same) test(JSON.stringify(text), () => assert.equal(fieldValue(text), text))
  test('and two braces stand for one', () => assert.equal(fieldValue('{{ip}} {{a:1}}'), '{ip} {a:1}'))
})

describe('a placeholder says', () => {
  const cases: readonly (readonly [template: string, value: string | undefined, of?: Parameters<typeof facts>[0]])[] = [
    ['{ip}', '192.0.2.1'],
    ['{method} {host}', 'GET shop.test'],
    ['{route}|{path}|{rest}', '/users|/users/42/orders|/42/orders'],
    ['{rest}', '/users/42/orders', { prefix: '/' }],
    ['{rest}', '', { path: '/users' }],
    ['{path.1}-{path.2}-{path.3}', 'users-42-orders'],
    ['{path.4}', undefined],
    ['{path.1}', undefined, { path: '//a' }],
    ['{request-id}', 'r1'],
    ['{query:x}', '1'],
    ['{query:y}', undefined],
    ['{query:x}', '', { search: 'x=' }],
    ['{query:x}', 'a b', { search: 'x=a+b&x=c' }],
    ['{header:X-A}', 'one', { headers: { 'x-a': 'one' } }],
    ['{header:x-a}', 'one, two', { headers: { 'x-a': ['one', 'two'] } }],
    ['{header:x-a}', undefined],
    ['{cookie:s}', 'v', { headers: { cookie: 'a=b; s=v' } }],
    ['{consumer}', undefined],
    ['{consumer}', 'ann', { consumer: 'ann' }],
    ['{claim:realm.roles}', 'a,b', { claims: { 'realm.roles': 'a,b' } }],
    ['user {claim:sub} of {claim:org}', undefined, { claims: { sub: 'ann' } }],
    ['{{x}} {ip} {{y}}', '{x} 192.0.2.1 {y}']
  ]
  for (const [template, value, more] of cases) {
    test(`${value === undefined ? 'nothing' : JSON.stringify(value)} for ${template}`, () =>
      assert.equal(said(template, more), value))
  }
})

describe('what cannot stand in a field is no field', () => {
  for (const bad of ['a\r\nx-evil: 1', 'a\nb', 'a\rb', 'a\x00b', 'a\x7fb', 'a\u0100', '世界', '\u2028', '\ud800'])
    test(JSON.stringify(bad), () => {
      assert.equal(said('{query:x}', { search: `x=${encodeURIComponent(bad.toWellFormed())}` }), undefined)
      assert.equal(said('before {claim:sub}', { claims: { sub: bad } }), undefined)
      assert.equal(said('{header:x-a}', { headers: { 'x-a': bad } }), undefined)
    })
  test('bytes beyond ASCII may', () => assert.equal(said('{header:x-a}', { headers: { 'x-a': '\xc3\xbc' } }), '\xc3\xbc'))
})

describe('an unknown placeholder is refused by its place, and is not repeated', () => {
  for (const [text, at] of [
    ['{nothing}', 1],
    ['a {ip} {claim}', 8],
    ['{claim:}', 1],
    ['{header:(}', 1],
    ['{path.0}', 1],
    ['{path.100}', 1],
    ['{path.x}', 1],
    ['{constructor}', 1],
    ['{env:HOME}', 1]
  ] as const) {
    test(text, () => {
      const read = readTemplate(text)
      assert.deepEqual(read, { wrong: `the placeholder at character ${at} is unknown` })
    })
  }
  for (const [text, at] of [
    ['{header:a b}', 1],
    ['{header:x-a', 1],
    ['{ip}{query:a {ip}', 5],
    ['a {rest', 3]
  ] as const) {
    test(text, () => {
      const wrong = `the placeholder at character ${at} does not end, or has a space or a quote in it`
      assert.deepEqual(readTemplate(text), { wrong })
    })
  }
  test('and fails where nobody has read it before', () => assert.throws(() => fieldValue('{nothing}'), RangeError))
})

test('what is accepted is what is read', () => {
  const named = [...placeholders.matchAll(/(?<!\{)\{([^{}]+)\}(?!\})/g)].map(([, name = '']) => name.replace('NAME', 'a'))
  assert.ok(named.length >= 12)
  for (const name of named) assert.ok('parts' in readTemplate(`{${name}}`), name)
})

test('nothing is asked of a request that its value does not say', () => {
  const value = fieldValue('{ip}')
  const closed = new Proxy({ ip: '::1' } as Facts, {
    get(target, key) {
      assert.equal(key, 'ip')
      return target.ip
    }
  })
  assert.equal(typeof value === 'string' ? value : value(closed), '::1')
})
