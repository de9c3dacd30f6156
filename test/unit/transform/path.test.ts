import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as readings from '../../../src/routing/insertion.ts'
import { canonicalPath } from '../../../src/routing/path.ts'
import { pathMaker } from '../../../src/transform/path.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'
import { facts } from './facts.ts'

const made = (template: string, more: Parameters<typeof facts>[0] = {}) => pathMaker(template, readings)(facts(more))

const cases: readonly (readonly [template: string, made: string | undefined, of?: Parameters<typeof facts>[0]])[] = [
  ['/v2/{path.2}', '/v2/42'],
  ['/v2/u-{path.2}.json', '/v2/u-42.json'],
  ['/v2{rest}', '/v2/42/orders'],
  ['/v2/{rest}', '/v2/42/orders'],
  ['/v2{rest}', '/v2', { path: '/users' }],
  ['/v2/{rest}', '/v2/', { path: '/users' }],
  ['/{rest}', '/evil.example/x', { path: '//evil.example/x', prefix: '/' }],
  ['/x{path}', '/x/users/42/orders'],
  ['/{claim:tenant}{rest}', '/acme/42/orders', { claims: { tenant: 'acme' } }],
  ['/{claim:tenant}{rest}', undefined],
  ['/é/{path.2}', '/%C3%A9/42'],
  ['/v2/{path.2}', '/v2/a%20b;v=1', { path: '/users/a%20b;v=1' }],
  ['/v2/{query:x}', '/v2/a%20%3F%23%25b', { search: 'x=a+%3F%23%25b' }],
  ['/v2/{header:x-a}', '/v2/%C3%BC', { headers: { 'x-a': '\xc3\xbc' } }],
  ['/v2/{path.9}', undefined],
  ['/v2/{query:x}', undefined, { search: 'x=' }]
]
for (const [template, path, more] of cases) {
  test(`${template} makes ${path ?? 'nothing'}`, () => assert.equal(made(template, more), path))
}

describe('what leads elsewhere makes no path', () => {
  for (const value of ['.', '..', '../x', '/x', 'a/b', 'a/../b', '\\x', 'a\\b', '..;', '..;/x', 'a\0', '\r\n', '\x7f']) {
    test(JSON.stringify(value), () => {
      assert.equal(made('/v2/{query:x}/y', { search: `x=${encodeURIComponent(value)}` }), undefined)
      assert.equal(made('/v2/{claim:t}', { claims: { t: value } }), undefined)
    })
  }
  test('but an escape that is meant is a text like others', () => {
    assert.equal(made('/v2/{query:x}/y', { search: 'x=%252e%252e%252f' }), '/v2/%252e%252e%252f/y')
  })
  for (const path of ['/..%2fx', '/a/..%2f..%2fx', '/..%5cx', '/a//..%2f..%2f../x', '/..;/x']) {
    test(`the rest of ${path}`, () => assert.equal(made('/t/{method}{rest}', { path, prefix: '/' }), undefined))
  }
  for (const segment of ['a%2Fb', '..%2Fx', '%5c', 'a%00', ';x'])
    test(`the segment ${segment}`, () => assert.equal(made('/t/{path.2}', { path: `/users/${segment}` }), undefined))
})

test('whatever a request says, the path stays where it is meant to be', t => {
  const random = seeded(t, 11)
  const bits = ['.', '..', '/', '\\', '%', '2e', '2f', '5c', ';', 'a', '?', '#', '\0', ' ', 'é', '%252e', '&']
  const any = () => Array.from({ length: 1 + below(random, 6) }, () => oneOf(random, bits)).join('')
  const make = pathMaker('/keep/{query:x}/then/{header:h}/end', readings)
  let kept = 0
  for (let round = 0; round < 3000; round++) {
    const path = make(facts({ search: `x=${encodeURIComponent(any())}`, headers: { h: any() } }))
    if (path === undefined) continue
    kept++
    assert.match(path, /^\/keep\/[^/?#\\\s]+\/then\/[^/?#\\\s]+\/end$/)
    let read = path
    // Decoded again and again, by whoever does.
    for (let times = 0; times < 3; times++) {
      assert.equal(canonicalPath(read).split('/').length, 6, read)
      assert.equal(canonicalPath(read).startsWith('/keep/'), true)
      read = read.replace(/%2e/gi, '.')
    }
  }
  assert.ok(kept > 100, `${kept} of 3000`)
})
