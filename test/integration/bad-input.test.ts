import assert from 'node:assert/strict'
import { constants } from 'node:http2'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { build, type TestGateway, type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { data, endStream, framePeer, ok, settings, frame as targetFrame, type } from '../support/frame-peer.ts'
import { endHeaders, FrameWire, fields, frame, framesTo, number, preface, request } from '../support/frames.ts'
import { gatewayTo } from '../support/gateway.ts'
import { framed } from '../support/grpc.ts'
import { answerOf, askIn, http2To, opened } from '../support/http2.ts'
import { http2Service } from '../support/http2-service.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'

/** A service of HTTP/2 that says hello, and never answers `/hang`; `streams` are open at it. */
async function counting(t: TestScope) {
  const counts = { streams: 0, ever: 0 }
  const service = await http2Service(t, (stream, headers) => {
    counts.streams++
    counts.ever++
    stream.on('close', () => counts.streams--)
    stream.resume()
    if (headers[':path'] === '/hang') return
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  return { service, counts }
}

const inFlight = async (gateway: TestGateway) => (await targetsOf(gateway)).map(each => each.inFlight)

describe('a target that answers HTTP/2 with', () => {
  const bytes = (...values: readonly number[]) => Buffer.from(values)
  const bad: Record<string, (stream: number) => Buffer> = {
    'DATA on stream 0': () => data(0, 'x'),
    'DATA before HEADERS': stream => data(stream, 'x', endStream),
    'a frame that is longer than allowed': stream =>
      Buffer.concat([ok(stream), targetFrame(type.data, 0, stream, Buffer.alloc(20_000))]),
    'fields that cannot be decompressed': stream =>
      targetFrame(type.headers, 4, stream, bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
    'a window of 0 more': stream => targetFrame(type.windowUpdate, 0, stream, bytes(0, 0, 0, 0)),
    'SETTINGS of 5 bytes': () => targetFrame(type.settings, 0, 0, Buffer.alloc(5)),
    'HTTP/1.1': () => Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  }
  for (const [what, answer] of Object.entries(bad)) {
    test(`${what} has failed; the next one serves, and nothing is left of it`, async t => {
      const peer = await framePeer(
        t,
        connection => connection.send(settings()),
        (each, connection) => {
          if (each.type === type.headers) connection.send(answer(each.stream))
        }
      )
      const { service, counts } = await counting(t)
      const gateway = await gatewayTo(t, [peer.url, service.url], { group: { protocol: 'h2c' } })
      const session = await http2To(t, gateway.url)
      for (let i = 0; i < 3; i++) assert.equal((await askIn(session)).text, 'hello')
      const alone = await gatewayTo(t, [peer.url], { group: { protocol: 'h2c', retry: { attempts: 1 } } })
      const call = { ':method': 'POST', 'content-type': 'application/grpc' }
      const told = await answerOf(opened(await http2To(t, alone.url), call, framed('x')))
      assert.deepEqual([told.status, told.headers['grpc-status']], [200, '14'])
      assert.equal((await ask(alone.url)).status, 502)
      await alone.close()
      assert.deepEqual(await inFlight(gateway), [0, 0])
      await until(() => counts.streams === 0)
      await gateway.close()
      await until(() => peer.connections.every(({ socket }) => socket.closed || socket.readableEnded))
    })
  }
})

describe('a client of HTTP/2', () => {
  test('that sends garbage after the preface loses its session, and nobody else anything', async t => {
    const { service } = await counting(t)
    const gateway = await gatewayTo(t, [service.url], { group: { protocol: 'h2c' } })
    const neighbour = await http2To(t, gateway.url)
    for (const garbage of [Buffer.alloc(200, 0xff), Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n'), Buffer.alloc(64)]) {
      const wire = await wireTo(t, gateway.port)
      wire.send(Buffer.concat([Buffer.from(preface), garbage]))
      await wire.all()
      // What it got, if anything, is a session that was ended.
      const types = new FrameWire(wire).frames.map(each => each.type)
      assert.ok(
        types.every(each => each === 'SETTINGS' || each === 'GOAWAY'),
        types.join()
      )
      assert.equal((await askIn(neighbour)).text, 'hello')
    }
    assert.equal(
      await metricOf(
        gateway,
        `evergate_connections_refused_total{listener="127.0.0.1:${gateway.port}",reason="http2-malformed"}`
      ),
      3
    )
    assert.deepEqual(await inFlight(gateway), [0])
  })

  test('that opens 100 streams and resets them all leaves none behind', async t => {
    const { service, counts } = await counting(t)
    const gateway = await gatewayTo(t, [service.url], { group: { protocol: 'h2c' } })
    const client = await framesTo(t, gateway.port)
    const streams = Array.from({ length: 100 }, (_, index) => 2 * index + 1)
    for (const wave of [0, 1, 2]) {
      const ids = streams.map(id => id + wave * 200)
      // The first are reset before, the others after they have come to the target.
      client.send(...ids.map(id => frame('HEADERS', endHeaders | endStream, id, request([':path', '/hang']))))
      if (wave > 0) await until(() => counts.streams === 100)
      client.send(...ids.map(id => frame('RST_STREAM', 0, id, number(constants.NGHTTP2_CANCEL))))
      await until(async () => counts.streams === 0 && (await inFlight(gateway))[0] === 0)
    }
    assert.equal((await askIn(await http2To(t, gateway.url))).text, 'hello')
    client.send(frame('HEADERS', endHeaders | endStream, 1001, request()))
    await client.until(each => each.type === 'DATA' && each.stream === 1001)
    assert.equal(service.sessions.size, 1)
    assert.equal((await targetsOf(gateway))[0]?.failures, 0)
  })

  test('whose gRPC message is over the limit leaves no stream behind, neither here nor at the target', async t => {
    const { service, counts } = await counting(t)
    const gateway = await gatewayTo(t, [service.url], { group: { protocol: 'h2c' }, route: { body: { max: '1kb' } } })
    const client = await framesTo(t, gateway.port)
    const call = [...fieldsOf({ ':method': 'POST', ':path': '/hang', 'content-type': 'application/grpc' })]
    for (let i = 0; i < 20; i++) {
      const id = 2 * i + 1
      client.send(frame('HEADERS', endHeaders, id, fields(...call)), frame('DATA', 0, id, framed(Buffer.alloc(10))))
      await until(() => counts.ever === i + 1)
      client.send(frame('DATA', 0, id, framed(Buffer.alloc(1025))))
      await until(() => client.frames.some(each => each.stream === id && each.type === 'RST_STREAM'))
      const answer = client.frames.find(each => each.stream === id && each.type === 'HEADERS')
      assert.match(String(answer?.flags), /^5$/, 'trailers alone')
    }
    await until(async () => counts.streams === 0 && (await inFlight(gateway))[0] === 0)
    assert.equal(service.sessions.size, 1)
  })
})

const fieldsOf = (given: Readonly<Record<string, string>>) =>
  Object.entries({ ':scheme': 'http', ':authority': 'a', ...given }).map(each => each as [string, string])

describe('an answer whose coding is not what it says', () => {
  const whole = gzipSync('hello '.repeat(1000))
  const broken = Buffer.from(whole)
  broken.fill(0, 20, 40)
  const bodies = {
    'a gzip that is broken': broken,
    'a gzip that is cut': whole.subarray(0, 30),
    'text that is said to be gzip': Buffer.from('hello '.repeat(1000)),
    'nothing at all': Buffer.alloc(0)
  }
  for (const [what, body] of Object.entries(bodies)) {
    for (const compress of [false, true]) {
      test(`${what}, goes on as it is ${compress ? 'with' : 'without'} compress`, async t => {
        const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain' }
        const service = await upstream(t, { headers, body })
        const copy = await upstream(t, { headers, body })
        const gateway = await gatewayTo(t, [service.url], { route: { compress } })
        const mirrored = await mirroring(t, service.url, copy.url)
        for (const { url } of [gateway, mirrored])
          for (let i = 0; i < 3; i++) {
            const answer = await ask(url, { headers: { 'accept-encoding': 'gzip, br, zstd' } })
            assert.deepEqual([answer.status, answer.headers['content-encoding'], answer.body], [200, 'gzip', body])
          }
        await copy.arrived(3)
        assert.deepEqual(await inFlight(gateway), [0])
        await Promise.all([gateway.close(), mirrored.close()])
        await Promise.all([service.disconnected(), copy.disconnected()])
      })
    }
  }
})

/** A gateway that compares the answers of two services. */
function mirroring(t: TestScope, first: string, second: string) {
  return build(t, {
    upstreams: { first: { targets: [first] }, second: { targets: [second] } },
    routes: [{ prefix: '/', upstream: 'first', mirror: { upstream: 'second', compare: true } }]
  })
}
