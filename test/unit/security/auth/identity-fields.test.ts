import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { claimOf } from '../../../../src/security/auth/claim.ts'
import { isGranted } from '../../../../src/security/auth/grants.ts'
import { fieldValue, identityFields } from '../../../../src/security/auth/identity-fields.ts'
import { consumer } from './consumers.ts'

describe('an upstream is told', () => {
  const forward = [
    ['sub', 'x-user-id'],
    ['roles', 'x-roles']
  ] as const

  test('each claim that is there, in its header', () => {
    assert.deepEqual(identityFields(consumer({ claims: { sub: 'ann', roles: ['a', 'b'] } }), forward), [
      ...['x-user-id', 'ann'],
      ...['x-roles', 'a,b']
    ])
    assert.deepEqual(identityFields(consumer({ claims: { sub: 'ann', roles: null } }), forward), ['x-user-id', 'ann'])
    assert.deepEqual(identityFields(consumer(), forward), [], 'a token without a subject has none')
  })

  test('the name of who has no claims, its scopes and its labels', () => {
    const shop = consumer({ kind: 'apiKey', name: 'shop', scopes: new Set(['a', 'b']), labels: { tier: 'gold' } })
    assert.equal(claimOf(shop, 'sub'), 'shop')
    assert.equal(claimOf(shop, 'scope'), 'a b')
    assert.equal(claimOf(shop, 'tier'), 'gold')
    for (const name of ['constructor', 'toString', '__proto__']) assert.equal(claimOf(shop, name), undefined, name)
  })

  test('a claim within another, by dots, unless one has that very name', () => {
    const claims = { realm: { roles: ['admin'] }, 'https://a.test/role': 'x', list: ['a'] }
    assert.deepEqual(claimOf(consumer({ claims }), 'realm.roles'), ['admin'])
    assert.equal(claimOf(consumer({ claims }), 'https://a.test/role'), 'x')
    for (const name of ['realm.constructor', 'realm.roles.length.x', 'list.map', 'none.at.all'])
      assert.equal(claimOf(consumer({ claims }), name), undefined, name)
  })

  for (const [claim, value] of [
    ['ann', 'ann'],
    [7, '7'],
    [false, 'false'],
    [['a', 1, true], 'a,1,true'],
    [{ a: { b: 'c' } }, '{"a":{"b":"c"}}'],
    [[], ''],
    ['', ''],
    ['Zoë', Buffer.from('Zoë').toString('latin1')],
    ['李', Buffer.from('李').toString('latin1')]
  ] as const) {
    test(`${JSON.stringify(claim)} as ${JSON.stringify(value)}`, () => assert.equal(fieldValue(claim), value))
  }

  for (const claim of [
    ...['a\r\nx-user-id: root', 'a\nb', 'a\0b', '\x7f', 'a\tb', ' root', 'root ', '\ud800'],
    ...[['a,b'], ['a', 'b\r\n'], [{ a: 1, b: 2 }], null, undefined]
  ]) {
    test(`nothing of ${JSON.stringify(claim)}`, () => assert.equal(fieldValue(claim), undefined))
  }
})

describe('a route is used by who has', () => {
  const granted = (claims: Record<string, unknown>, asked: [string, unknown][], scopes: string[] = [], has: string[] = []) =>
    isGranted(consumer({ claims, scopes: new Set(has) }), { scopes, claims: asked })

  test('all scopes that it names', () => {
    assert.equal(granted({}, [], ['a', 'b'], ['b', 'c', 'a']), true)
    assert.equal(granted({}, [], ['a', 'b'], ['a']), false)
    assert.equal(granted({}, [], ['a'], ['A', 'ab', 'a b']), false)
  })

  test('every claim with this value, or with it among its values', () => {
    assert.equal(
      granted({ role: 'admin', level: 3 }, [
        ['role', 'admin'],
        ['level', 3]
      ]),
      true
    )
    assert.equal(granted({ role: ['user', 'admin'] }, [['role', 'admin']]), true)
    assert.equal(granted({ role: 'administrator' }, [['role', 'admin']]), false)
    assert.equal(granted({ level: '3' }, [['level', 3]]), false, 'a text is no number')
    assert.equal(granted({ role: { admin: true } }, [['role', 'admin']]), false)
    assert.equal(granted({ realm: { roles: ['admin'] } }, [['realm.roles', 'admin']]), true)
    assert.equal(granted({}, [['role', 'admin']]), false)
  })
})
