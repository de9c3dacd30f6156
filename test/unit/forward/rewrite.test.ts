import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { incomingCookie, incomingLocation } from '../../../src/forward/rewrite.ts'
import { outgoingPath } from '../../../src/model/outgoing-path.ts'
import { hasPrefix } from '../../../src/routing/path.ts'
import { oneOf, seeded } from '../fixtures/seed.ts'

type Mapping = readonly [prefix: string, rewrite: string | undefined]

const mapping = ([prefix, rewrite]: Mapping) => (rewrite === undefined ? { prefix } : { prefix, rewrite })

describe('the path that goes out', () => {
  const table: readonly (readonly [mapping: Mapping, path: string, out: string])[] = [
    [['/a', undefined], '/a/b', '/a/b'],
    [['/a', '/'], '/a', '/'],
    [['/a', '/'], '/a/', '/'],
    [['/a', '/'], '/a/b', '/b'],
    [['/a', '/x'], '/a', '/x'],
    [['/a', '/x'], '/a/', '/x/'],
    [['/a', '/x'], '/a/b/', '/x/b/'],
    [['/a', '/x/'], '/a/b', '/x/b'],
    [['/a', '/x/'], '/a', '/x'],
    [['/', '/x'], '/', '/x/'],
    [['/', '/x'], '/b', '/x/b'],
    [['/', '/'], '/b', '/b'],
    [['/a', '/a'], '/a/b', '/a/b'],
    [['/a', '/x'], '/a/a/a', '/x/a/a'],
    [['/caf%C3%A9', '/x'], '/caf%c3%a9/b', '/x/b']
  ]
  for (const [each, path, out] of table) {
    test(`for ${path} with ${each.join(' -> ')} is ${out}`, () => assert.equal(outgoingPath(mapping(each), path), out))
  }
})

describe('a Location', () => {
  const at = (each: Mapping, location: string) =>
    incomingLocation(location, {
      route: mapping(each),
      targetUrl: 'http://10.0.0.1:3000',
      host: 'shop.test:8443',
      protocol: 'https'
    })
  const pub: Mapping = ['/pub', '/in']

  const table: readonly (readonly [mapping: Mapping, location: string, back: string])[] = [
    // A path under the rewrite goes back under the prefix; another has no place there.
    [pub, '/in', '/pub'],
    [pub, '/in/', '/pub/'],
    [pub, '/in/x?a=/in#b', '/pub/x?a=/in#b'],
    [pub, '/in?a', '/pub?a'],
    [pub, '/inside', '/inside'],
    [pub, '/other', '/other'],
    [['/pub', '/'], '/x', '/pub/x'],
    [['/pub', '/'], '/', '/pub/'],
    [['/', '/in'], '/in/x', '/x'],
    [['/', '/in'], '/in', '/'],
    [['/pub', undefined], '/pub/x', '/pub/x'],
    // An address of the target becomes a path.
    [pub, 'http://10.0.0.1:3000/in/x?a#b', '/pub/x?a#b'],
    [pub, 'HTTP://10.0.0.1:3000/in', '/pub'],
    [pub, 'http://10.0.0.1:3000', '/'],
    [['/pub', undefined], 'http://10.0.0.1:3000/pub/x', '/pub/x'],
    // The gateway's own name stays, its path is turned.
    [pub, 'https://shop.test:8443/in/x', 'https://shop.test:8443/pub/x'],
    // What is somebody else's is left alone.
    [pub, 'https://elsewhere.test/in/x', 'https://elsewhere.test/in/x'],
    [pub, 'mailto:a@b.test', 'mailto:a@b.test'],
    [pub, 'x/y', 'x/y'],
    [pub, '?a=1', '?a=1'],
    [pub, '', ''],
    // Two slashes name another host.
    [pub, '//elsewhere.test/in', 'https://elsewhere.test/in'],
    [pub, '/\\elsewhere.test/in', 'https://elsewhere.test/in'],
    [pub, '\\\\elsewhere.test/in', 'https://elsewhere.test/in'],
    [pub, '\\/elsewhere.test/in', 'https://elsewhere.test/in'],
    [pub, 'http://10.0.0.1:3000//elsewhere.test', '/elsewhere.test'],
    [['/', '/in'], '/in//elsewhere.test', '/elsewhere.test'],
    [['/', '/in'], '/in/\\elsewhere.test', '/elsewhere.test']
  ]
  for (const [each, location, back] of table) {
    test(`${JSON.stringify(location)} with ${each.join(' -> ')} becomes ${back}`, () => assert.equal(at(each, location), back))
  }

  test('never begins with two slashes, whatever the upstream says', t => {
    const random = seeded(t, 61)
    const parts = [
      '/',
      '/',
      '\\',
      'in',
      'pub',
      'x',
      'http://10.0.0.1:3000',
      'https://shop.test:8443',
      '..',
      '?',
      '#',
      '//',
      'http:'
    ]
    for (let i = 0; i < 20_000; i++) {
      const location = Array.from({ length: 1 + Math.floor(random() * 5) }, () => oneOf(random, parts)).join('')
      const each: Mapping = [oneOf(random, ['/', '/pub']), oneOf(random, [undefined, '/', '/in'])]
      const back = at(each, location)
      assert.ok(!/^[/\\]{2}/.test(back), `${location} with ${each.join(' -> ')} becomes ${back}`)
    }
  })

  test('of the target becomes a path without its scheme too', () => {
    assert.equal(at(pub, '//10.0.0.1:3000/in/x'), '/pub/x')
  })

  test('comes back to where the client finds it: what goes out under the prefix comes in under it', t => {
    const random = seeded(t, 62)
    for (let i = 0; i < 2000; i++) {
      const each: Mapping = [oneOf(random, ['/', '/pub', '/a/b']), oneOf(random, [undefined, '/', '/in', '/in/v1'])]
      const rest = oneOf(random, ['/x', '/x/', '/x/y', '/in', '/pub/x', '/a/b'])
      const path = each[0] === '/' ? rest : each[0] + rest
      const out = outgoingPath(mapping(each), path)
      assert.ok(hasPrefix(out, each[1] ?? each[0]))
      assert.equal(at(each, out), path, `${path} goes out as ${out} with ${each.join(' -> ')}`)
    }
  })
})

describe('the Path of a cookie', () => {
  const table: readonly (readonly [mapping: Mapping, cookie: string, back: string])[] = [
    [['/pub', '/in'], 'a=1; Path=/in', 'a=1; Path=/pub'],
    [['/pub', '/in'], 'a=1; path=/in/x; HttpOnly', 'a=1; path=/pub/x; HttpOnly'],
    [['/pub', '/in'], 'a=1; Path=/inside', 'a=1; Path=/inside'],
    [['/pub', '/in'], 'a=1; Path=/', 'a=1; Path=/'],
    [['/pub', '/in'], 'a=path=/in; Secure', 'a=path=/in; Secure'],
    [['/pub', '/'], 'a=1; Path=/', 'a=1; Path=/pub'],
    [['/pub', '/'], 'a=1; Path=/x', 'a=1; Path=/pub/x'],
    [['/', '/in'], 'a=1; Path=/in', 'a=1; Path=/'],
    [['/pub', undefined], 'a=1; Path=/pub', 'a=1; Path=/pub']
  ]
  for (const [each, cookie, back] of table) {
    test(`of ${cookie} with ${each.join(' -> ')} makes ${back}`, () => assert.equal(incomingCookie(cookie, mapping(each)), back))
  }
})

describe('the rewrite of a route with one path', () => {
  const to = (rewrite: string, prefix = '/a') => ({ prefix, exact: true as const, rewrite })
  const at = (route: ReturnType<typeof to>, location: string) =>
    incomingLocation(location, { route, targetUrl: 'http://10.0.0.1:3000', host: 'shop.test', protocol: 'https' })

  test('is the whole path that goes out, with its slash or without', () => {
    for (const rewrite of ['/x', '/x/', '/']) assert.equal(outgoingPath(to(rewrite), '/a'), rewrite)
    assert.equal(outgoingPath(to('/x', '/'), '/'), '/x')
    assert.equal(outgoingPath(to('/x', '/a/'), '/a/'), '/x')
  })

  test('is undone in a Location, and for what is below it nothing is', () => {
    assert.equal(at(to('/x'), '/x'), '/a')
    assert.equal(at(to('/x/'), '/x/'), '/a')
    assert.equal(at(to('/x'), 'http://10.0.0.1:3000/x?b#c'), '/a?b#c')
    for (const other of ['/x/y', '/x/', '/xy', '/']) assert.equal(at(to('/x'), other), other)
  })

  test('is undone in the Path of a cookie', () => {
    assert.equal(incomingCookie('a=b; Path=/x', to('/x')), 'a=b; Path=/a')
    assert.equal(incomingCookie('a=b; Path=/', to('/x')), 'a=b; Path=/')
  })
})
