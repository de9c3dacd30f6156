import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { canonicalPath, comparablePath, everyReading, hasPrefix, isWellFormed, otherReadings } from '../../../src/routing/path.ts'

describe('the canonical path', () => {
  const table: readonly (readonly [given: string, canonical: string])[] = [
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/', '/a/'],
    // Unreserved characters are the same with and without an escape; no other is.
    ['/%61%2D%2e%5F%7e%39', '/a-._~9'],
    ['/a%3Ab', '/a%3Ab'],
    ['/a%2Fb', '/a%2Fb'],
    ['/a%2fb', '/a%2fb'],
    ['/a%20b', '/a%20b'],
    ['/caf%c3%a9', '/caf%c3%a9'],
    // Escapes are decoded once.
    ['/%2561', '/%2561'],
    ['/%252e%252e/a', '/%252e%252e/a'],
    // RFC 3986 section 5.2.4, and dots that come as escapes.
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/b/..', '/a/'],
    ['/a/b/.', '/a/b/'],
    ['/..', '/'],
    ['/../../a', '/a'],
    ['/a/%2e%2E/b', '/b'],
    ['/a/.%2e/b', '/b'],
    ['/a/%2e/b', '/a/b'],
    ['/a/.../b', '/a/.../b'],
    ['/a/.b/..c', '/a/.b/..c'],
    ['/..a/b', '/..a/b'],
    // An empty segment is a segment.
    ['/a//b', '/a//b'],
    ['/a//../b', '/a/b'],
    ['//..', '/'],
    ['/..//a', '//a'],
    // What others may take for a slash or an end is left alone.
    ['/a\\..\\b', '/a\\..\\b'],
    ['/a%5C..%5Cb', '/a%5C..%5Cb'],
    ['/a%00/../b', '/b'],
    ['/a;v=1/../b', '/b'],
    ['/a/..;/b', '/a/..;/b']
  ]
  for (const [given, canonical] of table) {
    test(`of ${given} is ${canonical}`, () => {
      assert.equal(canonicalPath(given), canonical)
      assert.equal(canonicalPath(canonical), canonical, 'it is its own canonical path')
    })
  }
})

describe('the other readings of a path', () => {
  const sorted = (path: string) => [...otherReadings(path)].sort()

  test('are none for a path without anything that is read in more than one way', () => {
    for (const path of ['/', '/a/b/', '/a%20b', '/%C3%A9', '/%25', '/%3F%23', '/a:b@c', '/a.b', '/...']) {
      assert.deepEqual(otherReadings(path), [], path)
    }
  })

  const table: readonly (readonly [path: string, ...readings: string[]])[] = [
    ['/a//b', '/a/b'],
    ['/a%2Fb', '/a/b'],
    ['/a%2fb', '/a/b'],
    ['/a\\b', '/a/b'],
    ['/a%5Cb', '/a/b', '/a\\b'],
    ['/a%00b', '/a', '/ab'],
    ['/a%3Ab', '/a:b'],
    ['/a%7bb%7D', '/a{b}'],
    ['/a;v=1/b', '/a/b'],
    ['/a%3Bv=1/b', '/a/b', '/a;v=1/b'],
    ['/a/..;/b', '/a/../b', '/b'],
    ['/a/..%2Fb', '/a/../b', '/b'],
    // An upstream that collapses slashes before it removes dots, and one that does so after.
    ['/a/%2F../b', '/a/../b', '/a//../b', '/a/b', '/b'],
    // One that turns backslashes and knows nothing of escapes.
    ['/y/a%5Cb\\..\\..\\c', '/c', '/y/a%5Cb/../../c', '/y/a/b/../../c', '/y/a\\b/../../c', '/y/a\\b\\..\\..\\c', '/y/c']
  ]
  for (const [path, ...readings] of table) {
    test(`of ${path} are ${readings.join(' ')}`, () => assert.deepEqual(sorted(path), readings.sort()))
  }

  test('are no longer listed once one does not pass', () => {
    const seen: string[] = []
    assert.equal(
      everyReading('/a/%2F../b', reading => seen.push(reading) < 2),
      false
    )
    assert.equal(seen.length, 2)
  })

  test('all have to pass', () => {
    assert.equal(
      everyReading('/a%2Fb', () => true),
      true
    )
    assert.equal(
      everyReading('/a%2Fb', reading => reading !== '/a/b'),
      false
    )
  })

  test('are bounded: a path that has very many of them does not pass', () => {
    let asked = 0
    const passes = everyReading('/a/%2F..\\;%5C%00//%3a'.repeat(100), () => ++asked > 0)
    assert.equal(passes, false)
    assert.ok(asked <= 128, `${asked} readings were tried`)
  })
})

test('a path is well formed when every escape is, and all of them are UTF-8', () => {
  for (const path of ['/', '/%20', '/%C3%A9', '/%00', '/%e2%82%ac']) assert.equal(isWellFormed(path), true, path)
  for (const path of ['/%', '/%2', '/%zz', '/a%2g', '/%C3', '/%ff', '/%C0%AF', '/%ED%A0%80'])
    assert.equal(isWellFormed(path), false, path)
})

test('escapes are compared whatever the case of their digits', () => {
  assert.equal(comparablePath('/caf%c3%a9/x%2fy'), '/caf%C3%A9/x%2Fy')
  assert.equal(comparablePath('/Plain'), '/Plain')
})

test('a prefix ends at a segment boundary', () => {
  for (const [path, prefix] of [
    ['/', '/'],
    ['/a', '/'],
    ['/a', '/a'],
    ['/a/', '/a'],
    ['/a/b', '/a']
  ] as const)
    assert.equal(hasPrefix(path, prefix), true, `${path} is under ${prefix}`)
  for (const [path, prefix] of [
    ['/ab', '/a'],
    ['/', '/a'],
    ['/a-b/c', '/a'],
    ['/A', '/a']
  ] as const)
    assert.equal(hasPrefix(path, prefix), false, `${path} is not under ${prefix}`)
})
