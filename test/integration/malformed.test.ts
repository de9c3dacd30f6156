import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type TestGateway, upstream } from '../../src/testing.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'

const get = (target: string, fields = 'Host: a\r\n') => `GET ${target} HTTP/1.1\r\n${fields}\r\n`
const host = (fields: string) => get('/', fields)
const coded = (coding: string) => `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`
const many = (count: number, last = '') => get('/', `Host: a\r\n${'a:\r\n'.repeat(count - 1)}${last}`)

/** What is sent, and with which of these statuses it is refused. */
const attacks: readonly (readonly [what: string, bytes: string, status: number])[] = [
  ['no Host', host(''), 400],
  ['two Hosts', host('Host: a\r\nHost: b\r\n'), 400],
  ['the same Host twice', host('Host: a\r\nhost: a\r\n'), 400],
  ['two credentials', host('Host: a\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\n'), 400],
  ['an empty Host', host('Host:\r\n'), 400],
  ['a Host of a port alone', host('Host: :80\r\n'), 400],
  ['a list of Hosts', host('Host: a, b\r\n'), 400],
  ['a list of Hosts without spaces', host('Host: a,b\r\n'), 400],
  ['a Host with a user', host('Host: user@a\r\n'), 400],
  ['a Host with a path', host('Host: a/b\r\n'), 400],
  ['a Host with a port that is none', host('Host: a:80x\r\n'), 400],
  ['a Host with a port of six digits', host('Host: a:123456\r\n'), 400],
  ['a Host with a high byte', host('Host: caf\xe9\r\n'), 400],
  ['a second Host behind a thousand fields', many(1100, 'Host: b\r\n'), 431],
  ['a target about the server', get('*'), 400],
  ['OPTIONS about the server', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a target without a slash', get('orders'), 400],
  ['a target of another scheme', get('ftp://a/'), 400],
  ['a URL without a host', get('http:///orders'), 400],
  ['a URL with a user', get('http://user@a/'), 400],
  ['a URL with two hosts', get('http://a,b/'), 400],
  ['a target with a high byte', get('/caf\xe9'), 400],
  ['a target with a control character', get('/a\x01b'), 400],
  ['a target with DEL', get('/a\x7fb'), 400],
  ['a target with a tab', get('/a\tb'), 400],
  ['a target with a fragment', get('/a?b#c'), 400],
  ['a target of 20,000 bytes', get(`/${'a'.repeat(20_000)}`), 414],
  ['a query of 20,000 bytes', get(`/?${'a'.repeat(20_000)}`), 414],
  ['fields of 20,000 bytes', get('/', `Host: a\r\nX: ${'a'.repeat(20_000)}\r\n`), 431],
  ['101 fields', many(101), 431],
  ['xchunked', coded('xchunked'), 501],
  ['gzip, chunked', coded('gzip, chunked'), 501],
  ['chunked, chunked', coded('chunked, chunked'), 400],
  ['chunked in two fields', coded('chunked\r\nTransfer-Encoding: chunked'), 400],
  ['identity', coded('identity'), 501],
  ['chunked with a parameter', coded('chunked;a=b'), 501],
  ['an empty transfer coding', coded(''), 400],
  ['chunked and a length', coded('chunked\r\nContent-Length: 5'), 400],
  ['a length and chunked', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['chunks of version 1.0', 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', 400],
  ['the same length twice', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello', 400],
  ['a list of lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello', 400],
  ['a length with a sign', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello', 400],
  ['a length in hexadecimal', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello', 400],
  ['a chunk without a length', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\n\r\n', 400],
  ['a chunk with a sign', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n', 400],
  ['a chunk that ends with LF', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n', 400],
  ['a line that ends with LF', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 400],
  ['a field that ends with LF', host('Host: a\nX: 1\r\n'), 400],
  ['a field with CR', host('Host: a\r\nX: 1\r2\r\n'), 400],
  ['a field with NUL', host('Host: a\r\nX: 1\x002\r\n'), 400],
  ['a space before the colon', host('Host : a\r\n'), 400],
  ['a folded field', host('Host: a\r\nX: 1\r\n  more\r\n'), 400],
  ['a field without a name', host('Host: a\r\n: 1\r\n'), 400],
  ['a space before the first field', get('/', ' X: 1\r\nHost: a\r\n'), 400],
  ['another protocol', 'GET / HTTQ/1.1\r\nHost: a\r\n\r\n', 400],
  ['version 3.0', 'GET / HTTP/3.0\r\nHost: a\r\n\r\n', 400],
  ['version 0.9', 'GET /\r\n\r\n', 400],
  ['a method in small letters', 'get / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['the bytes of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400]
]

/** How many requests were answered with this status, whatever could be read of them. */
async function refusals({ adminUrl }: TestGateway, status: number): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const lines = text.matchAll(new RegExp(`^evergate_requests_total\\{.*status="${status}"\\} (\\d+)$`, 'gm'))
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0)
}

describe('what is not HTTP as it should be is refused, counted and closed, and no target sees it', () => {
  for (const [what, bytes, status] of attacks) {
    test(`${what}: ${status}`, async t => {
      const service = await upstream(t)
      const gateway = await gatewayTo(t, [service.url])
      const wire = await wireTo(t, gateway.port)
      wire.send(bytes)
      const text = await wire.all()
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\nconnection: close\r\n`, 'i'))
      // Nothing of it is taken for a request that follows.
      assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1)
      assert.equal(service.requests.length, 0)
      await until(async () => (await refusals(gateway, status)) === 1)
    })
  }

  test('what is as it should be passes', async t => {
    const service = await upstream(t)
    const { port } = await gatewayTo(t, [service.url])
    for (const bytes of [
      get('/a?b=%23&c="<>[]{}|^`'),
      get('http://a:80/', 'Host: b\r\n'),
      host('Host: [::1]:8080\r\n'),
      host('Host: a_b.example.\r\n'),
      host('Host: a:\r\n'),
      many(99),
      coded('CHUNKED'),
      'GET / HTTP/1.0\r\n\r\n'
    ]) {
      const wire = await wireTo(t, port)
      wire.send(bytes)
      await wire.until(/^HTTP\/1\.1 200/)
    }
    assert.equal(service.requests.length, 8)
  })
})

describe('who is slow', () => {
  test('with its fields gets 408, while others are served', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { timeouts: { headers: '200ms' } })
    const slow = await Promise.all(Array.from({ length: 20 }, () => wireTo(t, gateway.port)))
    for (const wire of slow) wire.send('GET / HTTP/1.1\r\nHo')
    assert.equal((await fetch(gateway.url)).status, 200)
    for (const wire of slow) assert.match(await wire.all(), /^HTTP\/1\.1 408 .*\r\nconnection: close\r\n/s)
    await until(async () => (await refusals(gateway, 408)) === 20)
  })

  test('with its body gets 408 after the time of its route', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { body: { timeout: '200ms' } } })
    const wire = await wireTo(t, gateway.port)
    wire.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
    assert.match(await wire.all(), /^HTTP\/1\.1 408 /)
    assert.equal(service.requests.length, 0)
    await until(async () => (await metricOf(gateway, 'evergate_requests_total{route="/",method="POST",status="408"}')) === 1)
  })
})
