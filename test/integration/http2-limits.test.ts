import assert from 'node:assert/strict'
import { constants } from 'node:http2'
import { describe, test } from 'node:test'
import { type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { endHeaders, endStream, fields, frame, framesTo, number, preface, request } from '../support/frames.ts'
import { gatewayTo, type Setup } from '../support/gateway.ts'
import { askIn, http2To, opened } from '../support/http2.ts'
import { metricOf } from '../support/operator.ts'
import { wireTo } from '../support/wire.ts'

const whole = endStream | endHeaders

async function limited(t: TestScope, setup: Setup = {}) {
  const service = await upstream(t, { body: 'hello' })
  const gateway = await gatewayTo(t, [service.url], setup)
  const refused = (reason: string) =>
    metricOf(gateway, `evergate_connections_refused_total{listener="127.0.0.1:${gateway.port}",reason="${reason}"}`)
  const client = await framesTo(t, gateway.port)
  /** Resolves with the code of the GOAWAY that ends the session. */
  const ended = async () => {
    const { payload } = await client.until(({ type }) => type === 'GOAWAY')
    await client.wire.all()
    return payload.readUInt32BE(4)
  }
  /** Whether the gateway goes on, for this one and for others. */
  const goesOn = async () => assert.equal((await ask(gateway.url)).text, 'hello')
  return { ...gateway, service, refused, client, ended, goesOn }
}

describe('a request of HTTP/2 that no app is asked about', () => {
  const refusals: readonly [string, readonly (readonly [string, string])[], number][] = [
    ['for two authorities', [['host', 'b']], 400],
    ['of an unknown scheme', [[':scheme', 'ftp']], 400],
    [
      'for the server itself',
      [
        [':method', 'OPTIONS'],
        [':path', '*']
      ],
      400
    ],
    [
      'with two credentials',
      [
        ['authorization', 'a'],
        ['authorization', 'b']
      ],
      400
    ],
    ['with fields that are too long', [['x', 'y'.repeat(17_000)]], 431],
    ['with too many fields', Array.from({ length: 101 }, (_, index) => [`x-${index}`, ''] as const), 431],
    ['with a target that is too long', [[':path', `/${'y'.repeat(17_000)}`]], 414]
  ]
  for (const [name, more, status] of refusals) {
    test(`${name} is answered with ${status}`, async t => {
      const { url, client, service, goesOn } = await limited(t)
      const bytes = request(...more)
      const pieces: Buffer[] = []
      for (let at = 0; at < bytes.length; at += 16_000) {
        const isLast = at + 16_000 >= bytes.length
        const flags = (isLast ? endHeaders : 0) | (at === 0 ? endStream : 0)
        pieces.push(frame(at === 0 ? 'HEADERS' : 'CONTINUATION', flags, 1, bytes.subarray(at, at + 16_000)))
      }
      client.send(...pieces)
      const data = await client.until(({ type, payload }) => type === 'DATA' && payload.length > 0)
      assert.equal(JSON.parse(String(data.payload)).status, status)
      assert.equal(service.requests.length, 0)
      await goesOn()
      assert.equal((await askIn(await http2To(t, url))).status, 200)
    })
  }

  const malformed: readonly [string, readonly (readonly [string, string])[]][] = [
    ['a field of the connection', [['connection', 'close']]],
    ['a transfer coding', [['transfer-encoding', 'chunked']]],
    ['te other than trailers', [['te', 'gzip']]],
    ['a user in its authority', [[':authority', 'user@a']]],
    ['a name in capitals', [['X-Y', 'z']]],
    [
      'two lengths',
      [
        ['content-length', '1'],
        ['content-length', '2']
      ]
    ]
  ]
  for (const [name, more] of malformed) {
    test(`with ${name} is reset, and its neighbours are not`, async t => {
      const { client, service } = await limited(t)
      client.send(frame('HEADERS', whole, 1, request(...more)), frame('HEADERS', whole, 3, request()))
      const { payload } = await client.until(({ type, stream }) => type === 'RST_STREAM' && stream === 1)
      assert.equal(payload.readUInt32BE(), constants.NGHTTP2_PROTOCOL_ERROR)
      await client.until(({ type, stream, flags }) => type === 'DATA' && stream === 3 && (flags & endStream) !== 0)
      assert.equal(service.requests.length, 1)
    })
  }

  test('has neither :authority nor Host: it is reset', async t => {
    const { client } = await limited(t)
    client.send(frame('HEADERS', whole, 1, fields([':method', 'GET'], [':scheme', 'http'], [':path', '/'])))
    await client.until(({ type }) => type === 'RST_STREAM')
  })

  test('CONNECT is refused with 405', async t => {
    const { client } = await limited(t)
    client.send(frame('HEADERS', endHeaders, 1, fields([':method', 'CONNECT'], [':authority', 'a:443'])))
    const { payload } = await client.until(({ type }) => type === 'DATA')
    assert.equal(JSON.parse(String(payload)).status, 405)
  })

  test('of gRPC is answered as gRPC understands it, by HTTP/1.1 too', async t => {
    const { url } = await limited(t, { route: { prefix: '/only' } })
    const headers = { ':path': '/other', ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' }
    const answer = await askIn(await http2To(t, url), headers, 'x')
    assert.partialDeepStrictEqual(answer, {
      status: 200,
      text: '',
      headers: { 'content-type': 'application/grpc', 'grpc-status': '12' }
    })
    const session = await http2To(t, url)
    const twice = await askIn(session, { ...headers, ':scheme': 'ftp' })
    assert.equal(twice.headers['grpc-status'], '13')
    const old = await ask(`${url}/other`, { method: 'POST', headers: { 'content-type': 'application/grpc+proto' } })
    assert.deepEqual([old.status, old.headers['grpc-status'], old.text], [200, '12', ''])
  })
})

describe('a session of HTTP/2', () => {
  test('has as many streams at once as the listener allows', async t => {
    const hanging = await upstream(t, 'hang')
    const { url } = await gatewayTo(t, [hanging.url], { listen: { address: ':0', http2: { maxStreams: 3 } } })
    const session = await http2To(t, url)
    if (session.remoteSettings.maxConcurrentStreams !== 3) await new Promise(resolve => session.once('remoteSettings', resolve))
    assert.equal(session.remoteSettings.maxConcurrentStreams, 3)
  })

  test('that resets streams without end is ended and counted', async t => {
    const { client, ended, refused, goesOn } = await limited(t)
    const bytes: Buffer[] = []
    for (let stream = 1; stream < 2200; stream += 2)
      bytes.push(frame('HEADERS', whole, stream, request()), frame('RST_STREAM', 0, stream, number(8)))
    client.send(...bytes)
    assert.equal(await ended(), constants.NGHTTP2_ENHANCE_YOUR_CALM)
    assert.equal(await refused('http2-resets'), 1)
    await goesOn()
  })

  for (const [name, noise] of [
    ['pings', frame('PING', 0, 0, Buffer.alloc(8))],
    ['settings', frame('SETTINGS', 0, 0)]
  ] as const) {
    test(`that sends nothing but ${name} is ended and counted`, async t => {
      const { client, ended, refused, goesOn } = await limited(t)
      client.send(...Array<Buffer>(1100).fill(noise))
      await ended()
      assert.equal(await refused('http2-flood'), 1)
      await goesOn()
    })
  }

  test('that sends empty frames without end is ended and counted', async t => {
    const { client, refused, ended, goesOn } = await limited(t)
    client.send(frame('HEADERS', endHeaders, 1, request([':method', 'POST'])), ...Array<Buffer>(2000).fill(frame('DATA', 0, 1)))
    await ended()
    assert.equal(await refused('http2-flood'), 1)
    await goesOn()
  })

  test('whose fields have no end is ended', async t => {
    const { client, ended, goesOn, service } = await limited(t)
    const more = frame('CONTINUATION', 0, 1, fields(['x', 'y']))
    client.send(frame('HEADERS', endStream, 1, request()), ...Array<Buffer>(500).fill(more))
    await ended()
    assert.equal(service.requests.length, 0)
    await goesOn()
  })

  test('with a frame that no session may have is ended and counted, and the process goes on', async t => {
    const { client, ended, refused, goesOn } = await limited(t)
    client.send(frame('DATA', 0, 0, Buffer.alloc(3)))
    assert.equal(await ended(), constants.NGHTTP2_PROTOCOL_ERROR)
    assert.equal(await refused('http2-malformed'), 1)
    await goesOn()
  })

  test('that says no more than its preface is ended and counted', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { timeouts: { headers: '50ms' } })
    const wire = await wireTo(t, gateway.port)
    wire.send(preface)
    await wire.all()
    const name = `evergate_connections_refused_total{listener="127.0.0.1:${gateway.port}",reason="http2-timeout"}`
    assert.equal(await metricOf(gateway, name), 1)
  })

  test('that says less than its preface is told 408, as a request of HTTP/1 that does not come', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { timeouts: { headers: '50ms' } })
    for (const some of ['P', preface.slice(0, 20)]) {
      const wire = await wireTo(t, gateway.port)
      wire.send(some)
      assert.match(await wire.all(), /^HTTP\/1\.1 408 /)
    }
  })

  test('that carries nothing is told to end after timeouts.keepAlive, and one that does is not', async t => {
    const hanging = await upstream(t, 'hang')
    const gateway = await gatewayTo(t, [hanging.url], { timeouts: { keepAlive: '50ms' } })
    const busy = await http2To(t, gateway.url)
    const stream = opened(busy)
    await hanging.arrived(1)
    const idle = await framesTo(t, gateway.port)
    const { payload } = await idle.until(({ type }) => type === 'GOAWAY')
    assert.equal(payload.readUInt32BE(4), constants.NGHTTP2_NO_ERROR)
    assert.deepEqual([stream.closed, busy.closed], [false, false])
  })

  test('counts as one connection of its address', async t => {
    const { url, port, goesOn } = await limited(t, { connections: { perAddress: 2 } })
    const session = await http2To(t, url)
    assert.equal((await askIn(session)).status, 200)
    const wire = await wireTo(t, port)
    assert.equal(await wire.all(), '')
    session.destroy()
    await new Promise(resolve => session.once('close', resolve))
    for (;;) {
      try {
        await goesOn()
        break
      } catch {
        // The gateway hears a little later that it is closed.
      }
    }
  })

  test('has the address of a PROXY header', async t => {
    const { port, service } = await limited(t, {
      listen: { address: ':0', proxyProtocol: true },
      trustProxy: ['127.0.0.1']
    })
    const wire = await wireTo(t, port)
    wire.send(`PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n${preface}`)
    wire.send(Buffer.concat([frame('SETTINGS', 0, 0), frame('HEADERS', whole, 1, request())]))
    assert.equal((await service.arrived(1)).headers['x-forwarded-for'], '203.0.113.7')
  })
})
