import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configOf, problemsOf } from './reading.ts'

const groupOf = (targets: string, protocol: string): string =>
  `upstreams:\n  a:\n    targets: [${targets}]\n    protocol: ${protocol}\nroutes: [{ prefix: /, upstream: a }]\n`

describe('protocol of a group', () => {
  for (const [url, protocol] of [
    ['http://a', 'http1'],
    ['https://a', 'http1'],
    ['https://a', 'http2'],
    ['http://a', 'h2c']
  ] as const) {
    test(`${protocol} with ${url}`, () => assert.equal(configOf(groupOf(url, protocol)).upstreams[0]?.protocol, protocol))
  }

  test('is http1 where nothing is said', () => {
    const config = configOf('upstreams: { a: { targets: [http://a] } }\nroutes: [{ prefix: /, upstream: a }]\n')
    assert.equal(config.upstreams[0]?.protocol, 'http1')
  })

  test('h2c has no TLS', () => {
    assert.deepEqual(problemsOf(groupOf('http://a, https://b', 'h2c')), [
      'g.yaml:3:25  upstreams.a.targets[1]  speaks TLS, and h2c is HTTP/2 without it; accepted: an http URL, or protocol: http2'
    ])
  })

  test('http2 is agreed on within TLS', () => {
    assert.deepEqual(problemsOf(groupOf('http://a', 'http2')), [
      'g.yaml:3:15  upstreams.a.targets[0]  speaks no TLS, within which http2 is agreed on; accepted: an https URL, or protocol: h2c'
    ])
  })

  test('a Unix socket has no TLS', () => {
    assert.equal(configOf(groupOf('"unix:/run/a.sock"', 'h2c')).upstreams[0]?.protocol, 'h2c')
    assert.match(problemsOf(groupOf('"unix:/run/a.sock"', 'http2')).join(), /targets\[0\] {2}speaks no TLS/)
  })

  test('another is refused', () => {
    assert.deepEqual(problemsOf(groupOf('http://a', 'h2d')), [
      'g.yaml:4:15  upstreams.a.protocol  "h2d" is unknown; did you mean h2c? accepted: http1, http2, h2c'
    ])
  })
})
