import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { ask } from '../support/ask.ts'
import { evergate } from '../support/evergate.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'
import { echoSockets, openSocket } from '../support/web-socket.ts'
import { type Wire, wireServer, wireTo } from '../support/wire.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const asking = (protocol: string, more = '') =>
  `GET /live HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n${more}\r\n`
const asWebSocket = asking('websocket', `sec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n`)
const switching = (protocol: string) => `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`

/** Waits for the head of a request, and says the given bytes. */
const speaking = (bytes: string) => async (wire: Wire) => {
  await wire.until(/\r\n\r\n/)
  wire.send(bytes)
}

describe('a WebSocket', () => {
  test('goes to a target that can be reached, and its frames pass as they are', async t => {
    const echo = await echoSockets(t, { perMessageDeflate: { threshold: 0 } })
    const gateway = await gatewayTo(t, [nowhere, echo.url])
    const socket = await openSocket(t, `${gateway.url}/live`)
    assert.equal(socket.extensions, 'permessage-deflate')
    socket.ping('still there?')
    assert.equal(String((await once(socket, 'pong'))[0]), 'still there?')
    const message = Buffer.alloc(3_000_000, 'evergate ')
    socket.send(message)
    assert.deepEqual((await once(socket, 'message'))[0], message)
    socket.close(4321, 'done')
    const [code, reason] = await once(socket, 'close')
    assert.deepEqual([code, String(reason)], [4321, 'done'])
  })

  test('is answered by the upstream, where that refuses', async t => {
    const service = await upstream(t, { status: 401, headers: { 'x-why': 'token' }, body: 'no' })
    const gateway = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, gateway.port)
    wire.send(asWebSocket)
    const text = await wire.all()
    assert.match(text, /^HTTP\/1\.1 401 Unauthorized\r\n/)
    assert.match(text, /\r\nx-why: token\r\n[\s\S]*\r\n\r\nno$/i)
    assert.equal(service.requests.length, 1)
  })

  test('that every target refuses to connect is a 502', async t => {
    const gateway = await gatewayTo(t, [nowhere])
    const wire = await wireTo(t, gateway.port)
    wire.send(asWebSocket)
    assert.match(await wire.all(), /^HTTP\/1\.1 502 [\s\S]*EG_UPSTREAM_FAILED/)
  })

  test('without a key, or with another method than GET, is malformed', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url])
    for (const request of [asking('websocket'), asWebSocket.replace(key, 'short'), asWebSocket.replace('GET', 'DELETE')]) {
      const wire = await wireTo(t, gateway.port)
      wire.send(request)
      assert.match(await wire.all(), /^HTTP\/1\.1 400 [\s\S]*EG_BAD_REQUEST/)
    }
    assert.equal(service.requests.length, 0)
  })

  test('meets the policies of its route before any target is asked', async t => {
    const echo = await echoSockets(t)
    const gateway = await gatewayTo(t, [echo.url], {
      security: { jwt: { secret: 'a secret of thirty-two characters', algorithms: ['HS256'] } },
      route: { auth: 'jwt' }
    })
    const wire = await wireTo(t, gateway.port)
    wire.send(asWebSocket)
    assert.match(await wire.all(), /^HTTP\/1\.1 401 [\s\S]*www-authenticate: /i)
  })

  test('counts as under way for as long as it is open', async t => {
    const echo = await echoSockets(t)
    const gateway = await gatewayTo(t, [echo.url], { route: { rateLimit: { limit: 1, algorithm: 'concurrency', by: 'route' } } })
    const socket = await openSocket(t, gateway.url)
    assert.equal((await targetsOf(gateway))[0]?.inFlight, 1)
    assert.equal(await metricOf(gateway, 'evergate_tunnels{route="/"}'), 1)
    assert.equal((await ask(gateway.url)).status, 429)
    socket.close()
    await once(socket, 'close')
    await until(async () => (await targetsOf(gateway))[0]?.inFlight === 0)
    await openSocket(t, gateway.url)
  })

  test('leaves one line in the log, with the bytes that went each way', async t => {
    const echo = await echoSockets(t)
    const log = accessLog()
    const gateway = await gatewayTo(t, [echo.url], { options: { logger: log.logger } })
    const socket = await openSocket(t, `${gateway.url}/live`, { perMessageDeflate: false })
    socket.send('hello')
    await once(socket, 'message')
    socket.terminate()
    const line = await log.line(1)
    // A frame of a client has four bytes more, of its mask.
    const { status, path, bytes, attempts } = line as typeof line & { bytes: unknown }
    assert.deepEqual([status, path, bytes, attempts?.[0]?.outcome], [101, '/live', { fromClient: 11, fromTarget: 7 }, '101'])
    assert.equal(await metricOf(gateway, 'evergate_tunnel_bytes_total{route="/",from="client"}'), 11)
  })

  test('is closed with 1001 when the gateway goes, which then ends with 0', async t => {
    const echo = await echoSockets(t)
    const gateway = await evergate(t, {
      upstreams: { service: { targets: [echo.url] } },
      routes: [{ prefix: '/', upstream: 'service' }],
      drain: { notReady: 0, finish: '1s' }
    })
    const sockets = await Promise.all([1, 2, 3].map(() => openSocket(t, gateway.url)))
    const closed = sockets.map(async socket => (await once(socket, 'close'))[0])
    gateway.child.kill('SIGTERM')
    assert.deepEqual(await Promise.all(closed), [1001, 1001, 1001])
    assert.equal(await gateway.exited, 0)
  })

  test('that the target breaks off is broken off, and blames nobody', async t => {
    const echo = await echoSockets(t)
    const gateway = await gatewayTo(t, [echo.url], { group: { breaker: {} } })
    const socket = await openSocket(t, gateway.url)
    for (const client of echo.server.clients) client.terminate()
    await once(socket, 'close')
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.breaker, target?.failures], ['closed', 0])
  })

  test('is cut when the gateway closes', async t => {
    const echo = await echoSockets(t)
    const gateway = await gatewayTo(t, [echo.url])
    const socket = await openSocket(t, gateway.url)
    await Promise.all([gateway.close(), once(socket, 'close')])
  })
})

describe('another upgrade', () => {
  test('is a tunnel too, in which nothing of the client goes before the 101', async t => {
    const service = await wireServer(t, () => {})
    const gateway = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, gateway.port)
    wire.send(`${asking('my-proto/2')}early`)
    const target = await service.connected(1)
    const head = (await target.until(/\r\n\r\n/)).input
    assert.match(head, /\r\nconnection: upgrade\r\nupgrade: my-proto\/2\r\n/)
    // Another request is answered in the meantime: what was there to be passed on would have been.
    await ask(gateway.url, { method: 'TRACE' })
    assert.ok(target.text.endsWith('\r\n\r\n'))
    target.send(`${switching('My-Proto/2')}hello`)
    await target.until(/early$/)
    assert.match(await (await wire.until(/hello$/)).input, /^HTTP\/1\.1 101 [\s\S]*\r\nupgrade: My-Proto\/2\r\n/i)
    wire.send('more')
    await target.until(/earlymore$/)
    target.socket.end('bye')
    assert.match(await wire.all(), /hellobye$/)
  })

  for (const field of ['content-length: 7', 'trailer: x-sum'])
    test(`has no body, whatever the target says of one: ${field}`, async t => {
      const service = await wireServer(t, speaking(switching('other').replace(/\r\n$/, `${field}\r\n\r\nhello`)))
      const gateway = await gatewayTo(t, [service.url])
      const wire = await wireTo(t, gateway.port)
      wire.send(asking('other'))
      const [head] = await wire.until(/^[\s\S]*\r\n\r\nhello$/)
      assert.match(head, /^HTTP\/1\.1 101 /)
      assert.doesNotMatch(head, /content-length|trailer/i)
    })

  test('to a protocol that nobody asked for is a failure of the target', async t => {
    const service = await wireServer(t, speaking(`${switching('other')}HTTP/1.1 200 OK\r\n\r\n`))
    const gateway = await gatewayTo(t, [service.url], { group: { retry: { attempts: 1 } } })
    const wire = await wireTo(t, gateway.port)
    wire.send(asking('my-proto'))
    assert.match(await wire.all(), /^HTTP\/1\.1 502 /)
    await service.wires[0]?.closed
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.inFlight, target?.failures], [0, 1])
  })

  for (const protocol of ['h2c', 'HTTP/2.0', 'TLS/1.2', 'h2c, tls/1.3'])
    test(`to ${protocol} is none: the request is served as it is`, async t => {
      const service = await upstream(t, { body: 'plain' })
      const gateway = await gatewayTo(t, [service.url])
      const wire = await wireTo(t, gateway.port)
      wire.send(asking(protocol, 'http2-settings: AAMAAABkAAQAAP__\r\n').replace('upgrade\r\n', 'upgrade, http2-settings\r\n'))
      await wire.until(/^HTTP\/1\.1 200 [\s\S]*plain$/)
      const { headers } = await service.arrived(1)
      assert.deepEqual([headers.upgrade, headers['http2-settings']], [undefined, undefined])
    })

  for (const [name, request] of [
    ['a protocol that is none', asking('h2c')],
    ['a body', asking('my-proto', 'content-length: 4\r\n').replace('GET', 'POST').concat('body')]
  ] as const)
    test(`with ${name} is the last of its connection: what follows is not taken for what it is not`, async t => {
      const service = await upstream(t, { body: 'plain' })
      const gateway = await gatewayTo(t, [service.url])
      const wire = await wireTo(t, gateway.port)
      const hidden = 'GET /hidden HTTP/1.1\r\nhost: a\r\n\r\n'
      wire.send(`${request}POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${hidden.length}\r\n\r\n`)
      await service.arrived(1)
      wire.send(hidden)
      assert.match(await wire.all(), /^HTTP\/1\.1 200 [\s\S]*\r\nconnection: close\r\n[\s\S]*plain$/i)
      await ask(gateway.url)
      assert.deepEqual(
        service.requests.map(({ url }) => url),
        ['/live', '/']
      )
    })

  test('of several protocols asks for those alone that may be', async t => {
    const service = await wireServer(t, () => {})
    const gateway = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, gateway.port)
    wire.send(asking('h2c, one/1, TLS/1.0,two'))
    const target = await service.connected(1)
    assert.match((await target.until(/\r\n\r\n/)).input, /\r\nupgrade: one\/1, two\r\n/)
  })

  test('with a body, or under HTTP/1.0, is none', async t => {
    const service = await upstream(t, { body: 'plain' })
    const gateway = await gatewayTo(t, [service.url])
    for (const request of [
      asking('my-proto', 'content-length: 4\r\n').replace('GET', 'POST').concat('body'),
      asking('my-proto').replace('HTTP/1.1', 'HTTP/1.0')
    ]) {
      const wire = await wireTo(t, gateway.port)
      wire.send(request)
      await wire.until(/^HTTP\/1\.1 200 [\s\S]*plain$/)
    }
    assert.equal(service.requests[0]?.body.toString(), 'body')
    for (const { headers } of service.requests) assert.equal(headers.upgrade, undefined)
  })
})

describe('an upgrade that takes its time', () => {
  test('is answered 504 when the target says nothing', async t => {
    const service = await wireServer(t, () => {})
    const gateway = await gatewayTo(t, [service.url], { group: { timeouts: { response: '50ms' }, retry: { attempts: 1 } } })
    const wire = await wireTo(t, gateway.port)
    wire.send(asWebSocket)
    assert.match(await wire.all(), /^HTTP\/1\.1 504 /)
    await service.wires[0]?.closed
  })

  for (const [how, leave] of [
    ['by a reset', (wire: Wire) => wire.socket.resetAndDestroy()],
    ['by its end', (wire: Wire) => wire.socket.end()]
  ] as const)
    test(`ends at the target when the client leaves ${how}, and blames nobody`, async t => {
      const service = await wireServer(t, () => {})
      const gateway = await gatewayTo(t, [service.url], { group: { breaker: {} } })
      const wire = await wireTo(t, gateway.port)
      wire.send(asWebSocket)
      const target = await service.connected(1)
      await target.until(/\r\n\r\n/)
      leave(wire)
      await target.closed
      const [view] = await targetsOf(gateway)
      assert.deepEqual([view?.inFlight, view?.failures, view?.breaker], [0, 0, 'closed'])
      assert.equal(await metricOf(gateway, 'evergate_requests_total{route="/",method="GET",status="499"}'), 1)
    })

  test('is tried elsewhere when the first target breaks off', async t => {
    const broken = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\n/)
      wire.socket.destroy()
    })
    const echo = await echoSockets(t)
    const gateway = await gatewayTo(t, [broken.url, echo.url])
    const socket = await openSocket(t, gateway.url)
    socket.send('hi')
    assert.equal(String((await once(socket, 'message'))[0]), 'hi')
  })

  test('keeps its connection for requests when it is not the first of them', async t => {
    const server = createServer((_request, response) => response.end('plain'))
    server.on('upgrade', (_request, socket) => socket.end(`${switching('my-proto')}hello`))
    t.after(async () => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const gateway = await gatewayTo(t, [`http://127.0.0.1:${port}`])
    const wire = await wireTo(t, gateway.port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/plain$/)
    wire.send(asking('my-proto'))
    assert.match(await wire.all(), /plain[\s\S]*HTTP\/1\.1 101 [\s\S]*hello$/)
  })
})

test('a client that asks for an upgrade before its last answer is out is cut', async t => {
  const service = await wireServer(t, () => {})
  const gateway = await gatewayTo(t, [service.url])
  const wire = await wireTo(t, gateway.port)
  wire.send(`GET / HTTP/1.1\r\nhost: a\r\n\r\n${asWebSocket}`)
  assert.equal(await wire.all(), '')
  await (await service.connected(1)).closed
  assert.equal((await ask(`${gateway.adminUrl}/livez`)).status, 200)
})
