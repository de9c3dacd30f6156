import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { upstream } from '../../../../src/testing.ts'
import { selfSigned } from '../../../support/certificate.ts'
import { nowhere } from '../../../support/gateway.ts'
import { type Wire, wireServer } from '../../../support/wire.ts'
import { checking } from '../fixtures/checking.ts'
import { http2Server, type Service } from '../fixtures/http2-server.ts'

const refused = { ok: false, failure: 'refused', text: 'connection refused' }

describe('an http check', () => {
  test('asks for the path and passes with an expected status', async t => {
    const service = await upstream(t, [{ status: 204 }, { status: 301, headers: { location: '/x' } }])
    const { run } = checking(t, service.url)
    assert.deepEqual(await run(), { ok: true, text: 'status 204' })
    assert.deepEqual(await run(), { ok: true, text: 'status 301' })
    const [request] = service.requests
    assert.deepEqual([request?.method, request?.url, request?.headers.host], ['GET', '/health', new URL(service.url).host])
  })

  test('sends method, headers and host as they are set', async t => {
    const service = await upstream(t)
    const headers = { 'x-probe': 'yes', 'user-agent': 'mine' }
    const { run } = checking(t, service.url, { method: 'HEAD', path: '/up', host: 'shop.example', headers })
    assert.equal((await run()).ok, true)
    const [request] = service.requests
    assert.deepEqual([request?.method, request?.url, request?.headers.host], ['HEAD', '/up', 'shop.example'])
    assert.deepEqual([request?.headers['x-probe'], request?.headers['user-agent']], ['yes', 'mine'])
  })

  test('fails with any other status', async t => {
    const service = await upstream(t, [{ status: 500 }, { status: 404 }, { status: 401 }])
    const { run } = checking(t, service.url, { expect: '200-299,401' })
    assert.deepEqual(await run(), { ok: false, failure: 'status', text: 'status 500' })
    assert.deepEqual(await run(), { ok: false, failure: 'status', text: 'status 404' })
    assert.deepEqual(await run(), { ok: true, text: 'status 401' })
  })

  test('looks at the body where something is expected of it', async t => {
    const service = await upstream(t, [{ body: 'all OK' }, { body: 'all bad' }])
    const { run } = checking(t, service.url, { body: '/\\bok$/i' })
    assert.deepEqual(await run(), { ok: true, text: 'status 200' })
    assert.deepEqual(await run(), { ok: false, failure: 'body', text: 'status 200, but the body is not as expected' })
  })

  test('looks at the first 256 KiB of a body and waits for no more', async t => {
    const filler = 'x'.repeat(256 * 1024)
    const endless = await upstream(t, (_request, response) => void response.write(`here ${filler}`))
    assert.equal((await checking(t, endless.url, { body: 'here' }).run()).ok, true)
    await endless.disconnected()
    const late = await upstream(t, { body: `${filler} there` })
    assert.deepEqual((await checking(t, late.url, { body: 'there' }).run()).ok, false)
  })

  test('reads the state of the target from an answer in JSON', async t => {
    const service = await upstream(t, { body: '{"status":"ok","cpu":0.3,"memory":0.5,"latency":12,"inFlight":4}' })
    const { run } = checking(t, service.url)
    const vector = { cpu: 0.3, memory: 0.5, latency: 12, inFlight: 4 }
    assert.deepEqual(await run(), { ok: true, text: 'status 200', vector })
  })

  test('keeps its connection for the next check', async t => {
    const service = await upstream(t, { body: 'x'.repeat(100_000) })
    const { run } = checking(t, service.url)
    for (let count = 0; count < 5; count++) assert.equal((await run()).ok, true)
    assert.equal(service.connections, 1)
  })

  test('is not mistaken about a target that closes a kept connection just then', async t => {
    const server = await wireServer(t, async (wire, connection) => {
      await wire.until(/\r\n\r\n/)
      wire.send('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      if (connection > 1) return
      await wire.until(/\r\n\r\n[\s\S]*\r\n\r\n/)
      wire.socket.destroy()
    })
    const { run } = checking(t, server.url)
    assert.equal((await run()).ok, true)
    assert.deepEqual(await run(), { ok: true, text: 'status 200' })
    assert.equal(server.wires.length, 2)
  })

  test('fails when a new connection breaks before the answer', async t => {
    const service = await upstream(t, 'reset')
    const { run } = checking(t, service.url)
    const broken = { ok: false, failure: 'reset', text: 'connection broken before the answer was complete' }
    assert.deepEqual(await run(), broken)
    assert.equal(service.requests.length, 1)
  })

  test('fails when the answer breaks half way', async t => {
    const service = await upstream(t, { body: 'x'.repeat(1000), cutAfter: 500 })
    assert.deepEqual((await checking(t, service.url).run()).ok, false)
    assert.equal(service.requests.length, 1)
  })

  test('fails when nobody listens', async t => {
    assert.deepEqual(await checking(t, nowhere).run(), refused)
  })

  test('fails when what answers speaks no HTTP', async t => {
    const server = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\n/)
      wire.send('220 mail ESMTP\r\n')
    })
    const result = await checking(t, server.url).run()
    assert.deepEqual(result, { ok: false, failure: 'protocol', text: 'the answer is not HTTP' })
  })

  test('fails when no answer comes in time, and leaves no connection', async t => {
    const service = await upstream(t, ['hang', {}])
    const { run, scheduler } = checking(t, service.url)
    const result = run()
    await service.arrived(1)
    scheduler.advance(1000)
    assert.deepEqual(await result, { ok: false, failure: 'timeout', text: 'no answer within 1000 ms' })
    await service.disconnected()
    assert.equal((await run()).ok, true)
  })

  test('fails when the answer does not end in time', async t => {
    const asked = Promise.withResolvers<Wire>()
    const server = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\n/)
      wire.send('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx')
      asked.resolve(wire)
    })
    const { run, scheduler } = checking(t, server.url)
    const running = run()
    const wire = await asked.promise
    scheduler.advance(1000)
    const result = await running
    assert.deepEqual([result.ok, !result.ok && result.failure], [false, 'timeout'])
    await wire.closed
  })

  test('fails when no connection comes about in time, and leaves none behind', async t => {
    const met = Promise.withResolvers<Wire>()
    const server = await wireServer(t, met.resolve)
    const { run, scheduler } = checking(t, server.url.replace('http:', 'https:'))
    const result = run()
    const wire = await met.promise
    scheduler.advance(1000)
    assert.deepEqual(await result, { ok: false, failure: 'connect-timeout', text: 'no connection within 1000 ms' })
    await wire.closed
  })

  test('checks another port where one is set', async t => {
    const service = await upstream(t)
    const { run } = checking(t, 'http://127.0.0.1:1', { port: service.port })
    assert.equal((await run()).ok, true)
    assert.equal(service.requests[0]?.headers.host, `127.0.0.1:${service.port}`)
  })

  test('given up, it says nothing and leaves no connection', async t => {
    const service = await upstream(t, 'hang')
    const { check, scheduler } = checking(t, service.url)
    const told: unknown[] = []
    const cancel = check.run(result => told.push(result))
    await service.arrived(1)
    cancel()
    await service.disconnected()
    scheduler.advance(5000)
    assert.deepEqual(told, [])
  })

  test('closed, it keeps no connection', async t => {
    const service = await upstream(t)
    const { check, run } = checking(t, service.url)
    await run()
    check.close()
    await service.disconnected()
  })
})

describe('an http check over TLS', () => {
  const own = selfSigned('127.0.0.1')

  test('trusts nobody that the configuration does not', async t => {
    const service = await upstream(t, {}, { tls: own })
    const result = await checking(t, service.url).run()
    assert.deepEqual(result, { ok: false, failure: 'tls', text: 'TLS: self-signed certificate' })
    assert.equal(service.requests.length, 0)
  })

  test('trusts the certificates that it is given, for the name that they are for', async t => {
    const service = await upstream(t, {}, { tls: own })
    assert.equal((await checking(t, service.url, {}, { verify: true, ca: own.cert }).run()).ok, true)
    const other = await checking(t, service.url, {}, { verify: true, ca: own.cert, servername: 'shop.example' }).run()
    assert.deepEqual([other.ok, !other.ok && other.failure], [false, 'tls'])
  })

  test('asks for the name that is set', async t => {
    const named = selfSigned('shop.example')
    const service = await upstream(t, {}, { tls: named })
    const tls = { verify: true, ca: named.cert, servername: 'shop.example' }
    assert.equal((await checking(t, service.url, {}, tls).run()).ok, true)
  })

  test('takes anybody where that is the choice', async t => {
    const service = await upstream(t, {}, { tls: own })
    const { run } = checking(t, service.url, {}, { verify: false })
    assert.equal((await run()).ok, true)
    assert.equal((await run()).ok, true)
    assert.equal(service.connections, 1)
  })
})

describe('an http check over HTTP/2', () => {
  const own = selfSigned('127.0.0.1')
  const answering =
    (status: number): Service =>
    stream => {
      stream.respond({ ':status': status })
      stream.end('{"cpu":0.5}')
    }

  test('asks without TLS where the group does, on one connection', async t => {
    const server = await http2Server(t, answering(200))
    const { run } = checking(t, server.url, {}, { verify: true }, 'h2c')
    assert.deepEqual(await run(), { ok: true, text: 'status 200', vector: { cpu: 0.5 } })
    assert.equal((await run()).ok, true)
    assert.equal(server.sessions.length, 1)
    assert.deepEqual(
      server.calls.map(({ headers }) => headers[':path']),
      ['/health', '/health']
    )
  })

  test('asks with TLS, and speaks with no target that has no HTTP/2', async t => {
    const server = await http2Server(t, answering(500), own)
    const { run } = checking(t, server.url, {}, { verify: true, ca: own.cert }, 'http2')
    assert.deepEqual(await run(), { ok: false, failure: 'status', text: 'status 500' })
    const old = await upstream(t, {}, { tls: own })
    const refused = await checking(t, old.url, {}, { verify: false }, 'http2').run()
    assert.deepEqual([refused.ok, !refused.ok && refused.failure], [false, 'tls'])
    assert.equal(old.requests.length, 0)
  })

  test('without an answer in time it leaves no connection', async t => {
    const server = await http2Server(t, (stream, call) => call > 1 && answering(200)(stream, call))
    const { run, scheduler } = checking(t, server.url, {}, { verify: true }, 'h2c')
    const result = run()
    await server.called(1)
    const [session] = server.sessions
    const closed = session && once(session, 'close')
    scheduler.advance(1000)
    assert.deepEqual(await result, { ok: false, failure: 'timeout', text: 'no answer within 1000 ms' })
    await closed
    assert.equal((await run()).ok, true)
  })

  test('is not mistaken about a kept connection that the target has ended', async t => {
    const server = await http2Server(t, (stream, call) => {
      if (call === 2) stream.session?.destroy()
      else answering(200)(stream, call)
    })
    const { run } = checking(t, server.url, {}, { verify: true }, 'h2c')
    assert.equal((await run()).ok, true)
    assert.equal((await run()).ok, true)
    assert.equal(server.sessions.length, 2)
  })

  test('sees a target that has learned HTTP/2 since it failed for want of it', async t => {
    const old = await upstream(t)
    const { run } = checking(t, old.url, {}, { verify: true }, 'h2c')
    const result = await run()
    assert.deepEqual([result.ok, (await run()).ok], [false, false])
    await old.close()
    const server = await http2Server(t, answering(200), undefined, old.port)
    assert.equal(server.url, old.url)
    assert.equal((await run()).ok, true)
  })
})
