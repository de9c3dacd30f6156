import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isOwnOrigin, originMatcher } from '../../../src/browser/origins.ts'

describe('an origin of pages', () => {
  const allows = originMatcher(['https://app.example', 'https://*.shop.example', 'http://*.dev.example:8080'])
  for (const [origin, allowed] of [
    ['https://app.example', true],
    ['http://app.example', false],
    ['https://app.example:8443', false],
    ['https://www.app.example', false],
    ['https://app.example.evil.test', false],
    ['https://evilapp.example', false],
    ['https://a.shop.example', true],
    ['https://a.b.shop.example', true],
    ['https://shop.example', false],
    ['https://.shop.example', false],
    ['https://evil.test/.shop.example', false],
    ['https://evil.test?.shop.example', false],
    ['https://evil.test#.shop.example', false],
    ['https://user@evil.test:80.shop.example', false],
    ['https://evilshop.example', false],
    ['http://a.dev.example:8080', true],
    ['http://a.dev.example', false],
    ['null', false],
    ['', false],
    ['*', false]
  ] as const)
    test(`${JSON.stringify(origin)} is ${allowed ? '' : 'not '}allowed`, () => assert.equal(allows(origin), allowed))

  test('is any where * stands', () => assert.equal(originMatcher(['*'])('null'), true))
})

test('a page of the server itself is told by the host that was asked for, the default port left out', () => {
  for (const [origin, host, own] of [
    ['https://app.example', 'app.example', true],
    ['https://app.example', 'App.Example:443', true],
    ['http://app.example:8080', 'app.example:8080', true],
    ['http://app.example:8080', 'app.example', false],
    ['https://evil.test', 'app.example', false],
    ['null', 'app.example', false],
    ['null', '', false],
    ['file://', '', false]
  ] as const)
    assert.equal(isOwnOrigin(origin, host), own, `${origin} ${host}`)
})
