import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import { describe, test } from 'node:test'
import { type TestScope, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { evergate } from '../support/evergate.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { answerOf, askIn, http2To } from '../support/http2.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'
import { echoSockets } from '../support/web-socket.ts'
import { wireServer } from '../support/wire.ts'

/** A client that knows that the gateway takes extended CONNECT. */
async function sessionTo(t: TestScope, url: string): Promise<ClientHttp2Session> {
  const session = await http2To(t, url)
  if (session.remoteSettings.enableConnectProtocol !== true) await once(session, 'remoteSettings')
  assert.equal(session.remoteSettings.enableConnectProtocol, true)
  return session
}

function connectIn(session: ClientHttp2Session, more: OutgoingHttpHeaders = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':path': '/live',
    'sec-websocket-version': '13',
    ...more
  })
  stream.on('error', () => {})
  return stream
}

/** A text in a frame of a client: masked with zeros, which leaves it as it is. */
const masked = (text: string) => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])

async function read(stream: ClientHttp2Stream, bytes: number): Promise<string> {
  let text = ''
  while (text.length < bytes) text += (await once(stream, 'data'))[0].toString('latin1')
  return text
}

describe('a WebSocket in a stream of HTTP/2', () => {
  test('goes to a target of HTTP/1.1, past one that cannot be reached, beside other streams', async t => {
    const echo = await echoSockets(t)
    const log = accessLog()
    const gateway = await gatewayTo(t, [nowhere, echo.url], { options: { logger: log.logger } })
    const session = await sessionTo(t, gateway.url)
    const stream = connectIn(session)
    const [headers] = await once(stream, 'response')
    assert.equal(headers[':status'], 200)
    for (const name of ['sec-websocket-accept', 'upgrade', 'connection']) assert.equal(headers[name], undefined)
    assert.match(String(headers['x-request-id']), /^[0-9a-f]{32}$/)
    stream.write(masked('hello'))
    assert.equal(await read(stream, 7), '\x81\x05hello')
    assert.equal(await metricOf(gateway, 'evergate_tunnels{route="/"}'), 1)
    assert.equal((await askIn(session)).status, 426)
    stream.close()
    const line = (await log.line(2)) as { status: number; path: string; bytes?: object }
    assert.deepEqual([line.status, line.path, line.bytes], [200, '/live', { fromClient: 11, fromTarget: 7 }])
    await until(async () => (await targetsOf(gateway)).every(({ inFlight }) => inFlight === 0))
  })

  test('is answered by the target, where that refuses', async t => {
    const service = await upstream(t, { status: 401, headers: { 'x-why': 'token' }, body: 'no' })
    const gateway = await gatewayTo(t, [service.url])
    const { status, headers, text } = await answerOf(connectIn(await sessionTo(t, gateway.url)))
    assert.deepEqual([status, headers['x-why'], text], [401, 'token', 'no'])
    const { method, headers: asked } = await service.arrived(1)
    assert.deepEqual([method, asked['upgrade'], asked['connection']], ['GET', 'websocket', 'upgrade'])
    assert.match(String(asked['sec-websocket-key']), /^[\w+/]{22}==$/)
  })

  test('is no tunnel where the target answers as if nothing had been asked, which is no failure of its', async t => {
    for (const body of ['short', 'x'.repeat(200_000)]) {
      const service = await upstream(t, { body })
      const gateway = await gatewayTo(t, [service.url])
      const { status, text } = await answerOf(connectIn(await sessionTo(t, gateway.url)))
      assert.deepEqual([status, JSON.parse(text).code], [501, 'EG_NOT_IMPLEMENTED'])
      assert.equal((await targetsOf(gateway))[0]?.failures, 0)
    }
  })

  test('is refused where the target does not prove that it speaks it', async t => {
    const service = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\n/)
      wire.send(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n'
      )
    })
    const gateway = await gatewayTo(t, [service.url], { group: { retry: { attempts: 1 } } })
    assert.equal((await answerOf(connectIn(await sessionTo(t, gateway.url)))).status, 502)
    await service.wires[0]?.closed
    assert.equal((await targetsOf(gateway))[0]?.failures, 1)
  })

  test('that the client resets ends at the target, before and after the answer', async t => {
    const silent = await wireServer(t, () => {})
    const gateway = await gatewayTo(t, [silent.url])
    const session = await sessionTo(t, gateway.url)
    const waiting = connectIn(session)
    const target = await silent.connected(1)
    await target.until(/\r\n\r\n/)
    waiting.close(8)
    await target.closed
    const echo = await echoSockets(t)
    const other = await gatewayTo(t, [echo.url])
    const stream = connectIn(await sessionTo(t, other.url))
    await once(stream, 'response')
    const [socket] = echo.server.clients
    stream.close(8)
    if (socket !== undefined) await once(socket, 'close')
    await until(async () => (await targetsOf(other))[0]?.inFlight === 0)
    for (const each of [gateway, other]) assert.equal((await targetsOf(each))[0]?.failures, 0)
  })

  test('is closed with 1001 when the gateway goes', async t => {
    const echo = await echoSockets(t)
    const gateway = await evergate(t, {
      upstreams: { service: { targets: [echo.url] } },
      routes: [{ prefix: '/', upstream: 'service' }],
      drain: { notReady: 0, finish: '2s' }
    })
    const stream = connectIn(await sessionTo(t, gateway.url))
    await once(stream, 'response')
    gateway.child.kill('SIGTERM')
    assert.equal(await read(stream, 4), '\x88\x02\x03\xe9')
    stream.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]))
    assert.equal(await gateway.exited, 0)
  })
})

test('another protocol is asked for in its own name', async t => {
  const service = await wireServer(t, async wire => {
    await wire.until(/\r\n\r\n/)
    wire.send('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: my-proto\r\n\r\nhello')
  })
  const gateway = await gatewayTo(t, [service.url])
  const stream = connectIn(await sessionTo(t, gateway.url), { ':protocol': 'my-proto' })
  assert.equal((await once(stream, 'response'))[0][':status'], 200)
  assert.equal(await read(stream, 5), 'hello')
  assert.match(service.wires[0]?.text ?? '', /\r\nupgrade: my-proto\r\n/)
})

for (const protocol of ['h2c', 'HTTP/2.0', 'TLS/1.3', 'a b'])
  test(`${protocol} is not tunnelled: 501`, async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url])
    const { status, text } = await answerOf(connectIn(await sessionTo(t, gateway.url), { ':protocol': protocol }))
    assert.deepEqual([status, JSON.parse(text).code], [501, 'EG_NOT_IMPLEMENTED'])
    assert.equal(service.requests.length, 0)
  })

test('CONNECT without a protocol is for forward proxies: 405', async t => {
  const service = await upstream(t)
  const gateway = await gatewayTo(t, [service.url])
  const session = await http2To(t, gateway.url)
  const { status } = await answerOf(session.request({ ':method': 'CONNECT', ':authority': 'a:1' }))
  assert.equal(status, 405)
})
