import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redirectLocation, redirectPath } from '../../../src/routing/redirect.ts'

const asked = { protocol: 'http', host: 'shop.test:8080' } as const

for (const [prefix, to, path, search, location] of [
  ['/old', '/new', '/old', '', '/new'],
  ['/old', '/new', '/old/a/b', '?c=1', '/new/a/b?c=1'],
  ['/old', '/new/', '/old/a', '', '/new/a'],
  ['/old', '/', '/old', '', '/'],
  ['/old', '/', '/old/a', '', '/a'],
  ['/', '/v2', '/a', '', '/v2/a'],
  ['/old', 'https://new.example', '/old/a', '?b', 'https://new.example/a?b'],
  ['/old', 'https://new.example:8443/x', '/old/a', '', 'https://new.example:8443/x/a'],
  ['/old', '/', '/old//evil.example', '', '/evil.example'],
  ['/', '/', '//evil.example', '', '/evil.example'],
  ['/', '/', '/\\evil.example', '', '/evil.example']
] as const)
  test(`${prefix} to ${to}: ${path}${search} is sent to ${location}`, () => {
    assert.equal(redirectLocation({ to }, redirectPath({ prefix }, { to }, path) + search, asked), location)
  })

for (const [elsewhere, other, location] of [
  [{ host: 'new.example' }, {}, 'http://new.example:8080/old/a?c=1'],
  [{ host: 'new.example', to: '/x' }, { host: 'shop.test' }, 'http://new.example/x/a?c=1'],
  [{ scheme: 'https' }, {}, 'https://shop.test/old/a?c=1'],
  [{ scheme: 'https', port: 443 }, {}, 'https://shop.test/old/a?c=1'],
  [{ scheme: 'https', port: 8443 }, {}, 'https://shop.test:8443/old/a?c=1'],
  [{ scheme: 'http' }, { protocol: 'https', host: '[::1]:8443' }, 'http://[::1]/old/a?c=1'],
  [{ port: 80 }, {}, 'http://shop.test/old/a?c=1'],
  [{ port: 443 }, { protocol: 'https' }, 'https://shop.test/old/a?c=1'],
  [{ port: 80 }, { protocol: 'https' }, 'https://shop.test:80/old/a?c=1'],
  [{ port: 8083 }, { host: 'shop.test' }, 'http://shop.test:8083/old/a?c=1'],
  [{ port: 8083 }, { host: '' }, undefined],
  [{ port: 8083 }, { host: 'shop.test/evil' }, undefined],
  [{ scheme: 'https' }, { host: 'shop.test:80@evil.example' }, undefined],
  [{ host: 'new.example' }, { host: '' }, 'http://new.example/old/a?c=1']
] as const)
  test(`${JSON.stringify(elsewhere)} of ${JSON.stringify(other)} is ${location}`, () => {
    const path = redirectPath({ prefix: '/old' }, elsewhere, '/old/a')
    assert.equal(redirectLocation(elsewhere, `${path}?c=1`, { ...asked, ...other }), location)
  })

test('what takes the place of one path has its own last slash', () => {
  for (const to of ['/new', '/new/', 'https://new.example/new/'])
    assert.equal(redirectPath({ prefix: '/', exact: true }, { to }, '/'), to.replace('https://new.example', ''))
})
