import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, test } from 'node:test'
import type { Origin } from '../../../src/forward/forwarded.ts'
import { RequestHeaders } from '../../../src/forward/request-headers.ts'
import type { Route } from '../../../src/model/route.ts'
import { proxy, stranger } from '../fixtures/origins.ts'
import { route } from '../fixtures/routes.ts'

interface Sending {
  readonly origin?: Origin
  readonly route?: Partial<Route>
  readonly length?: number
}

/** The fields that go out, in order, as name and value. */
function pairs(incoming: IncomingHttpHeaders, { origin = stranger, route: more = {}, length }: Sending = {}): [string, string][] {
  const fields = new RequestHeaders(incoming, route('/', more), origin, length).forAttempt(1500)
  assert.equal(fields.length % 2, 0)
  return fields.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []))
}

/** The same by name; a name that comes twice fails. */
function sent(incoming: IncomingHttpHeaders, sending: Sending = {}): Record<string, string> {
  const list = pairs(incoming, sending)
  const record = Object.fromEntries(list)
  assert.equal(Object.keys(record).length, list.length, `no name comes twice: ${list.map(([name]) => name)}`)
  return record
}

describe('to an upstream go', () => {
  test('the client’s own fields as they are', () => {
    const {
      accept,
      cookie,
      authorization,
      'x-empty': empty
    } = sent({ accept: '*/*', cookie: 'a=1; b=2', authorization: 'Bearer x', 'x-empty': '' })
    assert.deepEqual([accept, cookie, authorization, empty], ['*/*', 'a=1; b=2', 'Bearer x', ''])
  })

  test('each of several values of one name', () => {
    const values = pairs({ 'set-cookie': ['a', 'b'] }).filter(([name]) => name === 'set-cookie')
    assert.deepEqual(
      values.map(([, value]) => value),
      ['a', 'b']
    )
  })

  test('no field that concerns one connection, be it known or named by Connection', () => {
    const fields = sent({
      connection: 'close, X-Private, transfer-encoding',
      'keep-alive': 'timeout=5',
      'proxy-connection': 'keep-alive',
      'proxy-authorization': 'Basic x',
      'transfer-encoding': 'chunked',
      upgrade: 'websocket',
      'http2-settings': 'AAMAAABkAAQAAP__',
      'x-private': '1',
      'x-public': '1'
    })
    for (const name of [
      'connection',
      'keep-alive',
      'proxy-connection',
      'proxy-authorization',
      'transfer-encoding',
      'upgrade',
      'http2-settings',
      'x-private'
    ])
      assert.ok(!(name in fields), name)
    assert.equal(fields['x-public'], '1')
  })

  test('TE for trailers alone', () => {
    assert.equal(sent({ te: 'gzip, trailers;q=0.5' })['te'], 'trailers')
    assert.equal(sent({ te: 'gzip' })['te'], undefined)
  })

  test('the length of the body that is sent, not the one that was announced', () => {
    assert.equal(sent({ 'content-length': '5' })['content-length'], undefined)
    assert.equal(sent({ 'content-length': '5' }, { length: 7 })['content-length'], '7')
  })

  test('neither Expect, which the gateway answers, nor Trailer, which it cannot keep', () => {
    const fields = sent({ expect: '100-continue', trailer: 'x-sum' })
    assert.ok(!('expect' in fields) && !('trailer' in fields))
  })

  test('no Host, so that the target’s is written, or the client’s where the route says so', () => {
    assert.equal(sent({ host: 'shop.test:8443' })['host'], undefined)
    assert.equal(sent({ host: 'other.test' }, { route: { hostHeader: 'client' } })['host'], 'shop.test:8443')
  })

  test('the time that is left, in whole milliseconds, never less than one', () => {
    const headers = new RequestHeaders({}, route('/'), stranger, undefined)
    for (const [left, written] of [
      [1500.9, '1500'],
      [0.2, '1'],
      [-5, '1']
    ] as const) {
      const fields = headers.forAttempt(left)
      assert.equal(fields[fields.indexOf('x-request-timeout-ms') + 1], written)
    }
    assert.equal(sent({ 'x-request-timeout-ms': '99999' })['x-request-timeout-ms'], '1500')
  })

  test('the time that is left of a gRPC call, anew for each attempt; none where it has no deadline', () => {
    const incoming = { 'grpc-timeout': '1H' }
    const headers = new RequestHeaders(incoming, route('/'), stranger, undefined, { callDeadlineAt: 1 })
    for (const [left, written] of [
      [3_599_000.9, '3599000m'],
      [-5, '1m'],
      [1e12, '99999999m']
    ] as const) {
      const fields = headers.forAttempt(1500, left)
      assert.equal(fields[fields.indexOf('grpc-timeout') + 1], written)
      assert.equal(fields[fields.indexOf('x-request-timeout-ms') + 1], '1500')
    }
    assert.equal(sent({ 'grpc-timeout': 'soon' })['grpc-timeout'], undefined)
  })
})

describe('of the way a request took', () => {
  const claims = {
    'x-request-id': 'mine',
    'x-forwarded-for': '1.1.1.1, 2.2.2.2',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'inner.test',
    'x-forwarded-port': '1',
    'x-forwarded-anything': '1',
    'x-real-ip': '1.1.1.1',
    forwarded: 'for=1.1.1.1',
    traceparent: '00-00000000000000000000000000000001-0000000000000001-01',
    tracestate: 'a=b',
    via: '1.0 first'
  }

  test('a stranger says nothing, the gateway all', () => {
    assert.deepEqual(sent(claims), {
      'x-request-timeout-ms': '1500',
      'x-request-id': 'r1',
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.test:8443',
      forwarded: 'for=192.0.2.7;host="shop.test:8443";proto=https',
      via: '1.0 first, 1.1 evergate-0001',
      traceparent: stranger.traceparent
    })
  })

  test('a trusted proxy is believed, and the gateway adds to what it says', () => {
    assert.deepEqual(sent(claims, { origin: proxy }), {
      'x-request-timeout-ms': '1500',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'inner.test',
      'x-forwarded-port': '1',
      'x-forwarded-anything': '1',
      'x-real-ip': '1.1.1.1',
      traceparent: claims.traceparent,
      tracestate: 'a=b',
      'x-request-id': 'r1',
      'x-forwarded-for': '1.1.1.1, 2.2.2.2, 10.0.0.9',
      forwarded: 'for=1.1.1.1, for=10.0.0.9;host="shop.test:8443";proto=https',
      via: '1.0 first, 1.1 evergate-0001'
    })
  })

  test('a trusted proxy that says nothing is spoken for', () => {
    const fields = sent({}, { origin: proxy })
    assert.equal(fields['x-forwarded-for'], '10.0.0.9')
    assert.equal(fields['x-forwarded-proto'], 'https')
    assert.equal(fields['x-forwarded-host'], 'shop.test:8443')
    assert.equal(fields['traceparent'], proxy.traceparent)
  })

  test('nothing is lost by naming it in Connection', () => {
    const fields = sent({ connection: 'x-forwarded-for, via, x-request-id, forwarded', via: '1.0 first' })
    for (const name of ['x-forwarded-for', 'via', 'x-request-id', 'forwarded']) assert.ok(name in fields, name)
  })

  test('an IPv6 address is quoted, and a host that cannot be is not repeated', () => {
    assert.match(sent({}, { origin: { ...stranger, peer: '2001:db8::1' } })['forwarded'] ?? '', /^for="\[2001:db8::1\]";/)
    assert.match(sent({}, { origin: { ...stranger, host: 'a";proto=x' } })['forwarded'] ?? '', /;host="unknown";/)
  })
})

describe('a route may change fields', () => {
  const edit = (drop: string[], append: [string, string][] = []): Sending => ({
    route: { requestEdit: { drop: new Set(drop), append } }
  })

  test('taking out, setting and adding', () => {
    const list = pairs(
      { 'x-a': '1', 'x-b': '2', 'x-c': '3' },
      edit(
        ['x-a', 'x-b'],
        [
          ['x-b', 'set'],
          ['x-c', 'added'],
          ['x-d', 'new']
        ]
      )
    )
    const own = list.filter(([name]) => /^x-[a-d]$/.test(name))
    assert.deepEqual(own, [
      ['x-c', '3'],
      ['x-b', 'set'],
      ['x-c', 'added'],
      ['x-d', 'new']
    ])
  })

  test('those that the gateway writes included', () => {
    const fields = sent({}, edit(['forwarded', 'x-forwarded-for', 'traceparent'], [['x-forwarded-for', 'hidden']]))
    assert.ok(!('forwarded' in fields) && !('traceparent' in fields))
    assert.equal(fields['x-forwarded-for'], 'hidden')
    assert.equal(fields['x-request-id'], 'r1')
  })

  test('and set the Host of the target', () => {
    assert.equal(sent({ host: 'shop.test' }, edit(['host'], [['host', 'set.test']]))['host'], 'set.test')
  })

  test('and set it in place of the client’s', () => {
    const sending = {
      route: { hostHeader: 'client', requestEdit: { drop: new Set(['host']), append: [['host', 'set.test']] } }
    } as const
    assert.equal(sent({ host: 'shop.test' }, sending)['host'], 'set.test')
  })
})
