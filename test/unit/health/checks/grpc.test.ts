import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { upstream } from '../../../../src/testing.ts'
import { selfSigned } from '../../../support/certificate.ts'
import { nowhere } from '../../../support/gateway.ts'
import { type Wire, wireServer } from '../../../support/wire.ts'
import { checking } from '../fixtures/checking.ts'
import { http2Server, type Service, serving } from '../fixtures/http2-server.ts'

const grpc = { type: 'grpc' } as const

/** Headers that end the answer. */
const only =
  (headers: Record<string, string | number>): Service =>
  stream =>
    stream.respond(headers, { endStream: true })

describe('a grpc check', () => {
  test('calls the health service and passes when it is serving', async t => {
    const server = await http2Server(t, serving(1))
    const { run } = checking(t, server.url, { ...grpc, service: 'shop.Orders' })
    assert.deepEqual(await run(), { ok: true, text: 'SERVING' })
    const [call] = server.calls
    assert.deepEqual([call?.headers[':method'], call?.headers[':path']], ['POST', '/grpc.health.v1.Health/Check'])
    assert.deepEqual([call?.headers['content-type'], call?.headers.te], ['application/grpc', 'trailers'])
    assert.equal(call?.headers['grpc-timeout'], '1000m')
    assert.equal(call?.body.toString('latin1'), '\0\0\0\0\r\n\x0bshop.Orders')
  })

  const failures: readonly [string, Service, string, string][] = [
    ['it is not serving', serving(2), 'status', 'NOT_SERVING'],
    ['nothing is known', serving(0), 'status', 'UNKNOWN'],
    ['there is no such service', only({ ':status': 200, 'grpc-status': '5' }), 'status', 'NOT_FOUND'],
    ['there is no health service', only({ ':status': 200, 'grpc-status': '12' }), 'status', 'UNIMPLEMENTED'],
    ['the call fails after its message', serving(1, '13'), 'status', 'INTERNAL'],
    ['HTTP says no', only({ ':status': 503 }), 'status', 'status 503'],
    ['it is some other HTTP/2', only({ ':status': 200 }), 'protocol', 'no gRPC: the answer has no grpc-status'],
    ['the message is none', only({ ':status': 200, 'grpc-status': '0' }), 'protocol', 'the answer is no health status']
  ]
  for (const [what, service, failure, text] of failures) {
    test(`fails when ${what}`, async t => {
      const server = await http2Server(t, service)
      assert.deepEqual(await checking(t, server.url, grpc).run(), { ok: false, failure, text })
    })
  }

  test('keeps its connection for the next check', async t => {
    const server = await http2Server(t, serving(1))
    const { run } = checking(t, server.url, grpc)
    for (let count = 0; count < 5; count++) assert.equal((await run()).ok, true)
    assert.equal(server.sessions.length, 1)
  })

  test('is not mistaken about a kept connection that the target has ended', async t => {
    const server = await http2Server(t, (stream, call) => {
      if (call === 2) stream.session?.destroy()
      else serving(1)(stream, call)
    })
    const { run } = checking(t, server.url, grpc)
    assert.equal((await run()).ok, true)
    assert.equal((await run()).ok, true)
    assert.deepEqual([server.calls.length, server.sessions.length], [3, 2])
    const goneAway = server.sessions[1]
    goneAway?.close()
    if (goneAway?.destroyed === false) await once(goneAway, 'close')
    assert.equal((await run()).ok, true)
  })

  test('fails when a new connection breaks before the answer', async t => {
    const server = await http2Server(t, stream => stream.session?.destroy())
    const result = await checking(t, server.url, grpc).run()
    assert.deepEqual([result.ok, !result.ok && result.failure], [false, 'reset'])
    assert.equal(server.calls.length, 1)
  })

  test('fails when nobody listens', async t => {
    const refused = { ok: false, failure: 'refused', text: 'connection refused' }
    assert.deepEqual(await checking(t, nowhere, grpc).run(), refused)
  })

  test('fails when the target speaks HTTP/1', async t => {
    const service = await upstream(t)
    const result = await checking(t, service.url, grpc).run()
    assert.equal(result.ok, false)
    await service.disconnected()
  })

  test('fails when no answer comes in time, and leaves no connection', async t => {
    const server = await http2Server(t, (stream, call) => call > 1 && serving(1)(stream, call))
    const { run, scheduler } = checking(t, server.url, grpc)
    const result = run()
    await server.called(1)
    const [session] = server.sessions
    const closed = session && once(session, 'close')
    scheduler.advance(1000)
    assert.deepEqual(await result, { ok: false, failure: 'timeout', text: 'no answer within 1000 ms' })
    await closed
    assert.equal((await run()).ok, true)
  })

  test('given up, it says nothing and leaves no connection', async t => {
    const server = await http2Server(t, () => {})
    const { check, scheduler } = checking(t, server.url, grpc)
    const told: unknown[] = []
    const cancel = check.run(result => told.push(result))
    await server.called(1)
    const [session] = server.sessions
    const closed = session && once(session, 'close')
    cancel()
    await closed
    scheduler.advance(5000)
    assert.deepEqual(told, [])
  })

  test('given up while it connects, it leaves no connection', async t => {
    const met = Promise.withResolvers<Wire>()
    const server = await wireServer(t, met.resolve)
    const { check } = checking(t, server.url.replace('http:', 'https:'), grpc)
    const cancel = check.run(() => {})
    const wire = await met.promise
    cancel()
    await wire.closed
  })

  test('closed, it keeps no connection', async t => {
    const server = await http2Server(t, serving(1))
    const { check, run } = checking(t, server.url, grpc)
    await run()
    const [session] = server.sessions
    const closed = session && once(session, 'close')
    check.close()
    await closed
  })
})

describe('a grpc check over TLS', () => {
  const own = selfSigned('127.0.0.1')

  test('asks for HTTP/2 and trusts the certificates that it is given', async t => {
    const server = await http2Server(t, serving(1), own)
    assert.deepEqual(await checking(t, server.url, grpc, { verify: true, ca: own.cert }).run(), { ok: true, text: 'SERVING' })
    const result = await checking(t, server.url, grpc).run()
    assert.deepEqual(result, { ok: false, failure: 'tls', text: 'TLS: self-signed certificate' })
  })

  test('fails when the target speaks HTTP/1 only', async t => {
    const service = await upstream(t, {}, { tls: own })
    const result = await checking(t, service.url, grpc, { verify: false }).run()
    assert.deepEqual(result, { ok: false, failure: 'tls', text: 'TLS: tlsv1 alert no application protocol' })
    await service.disconnected()
  })
})
