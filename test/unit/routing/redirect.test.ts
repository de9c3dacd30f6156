import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redirectLocation } from '../../../src/routing/redirect.ts'

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
    assert.equal(redirectLocation(prefix, to, path, search), location)
  })
