import assert from 'node:assert/strict'
import { constants } from 'node:http2'
import { describe, test } from 'node:test'
import { type TestScope, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { ask } from '../support/ask.ts'
import { selfSigned } from '../support/certificate.ts'
import { endHeaders, frame, framesTo, number, request } from '../support/frames.ts'
import { gatewayTo, nowhere, type Setup } from '../support/gateway.ts'
import { answerOf, askIn, http2To, opened } from '../support/http2.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { stall } from '../support/stall.ts'
import { until } from '../support/until.ts'
import { wireServer, wireTo } from '../support/wire.ts'

async function echoing(t: TestScope, setup: Setup = {}) {
  const service = await upstream(t, { body: 'hello', headers: { 'x-from': 'service' } })
  const gateway = await gatewayTo(t, [service.url], setup)
  return { ...gateway, service }
}

const total = (gateway: Parameters<typeof metricOf>[0], status: number, method = 'GET') =>
  metricOf(gateway, `evergate_requests_total{route="/",method="${method}",status="${status}"}`)

describe('HTTP/2 without TLS', () => {
  test('is spoken on the port of HTTP/1.1, with the same answers', async t => {
    const { url, service } = await echoing(t)
    const session = await http2To(t, url)
    const answer = await askIn(session, { ':path': '/x?y=1', cookie: ['a=1', 'b=2'], 'x-one': 'caf\xe9' })
    assert.deepEqual([answer.status, answer.text, answer.headers['x-from'], answer.resetBy], [200, 'hello', 'service', 0])
    assert.match(String(answer.headers['x-request-id']), /^[0-9a-f]{32}$/)
    assert.equal((await ask(url)).text, 'hello')
    const { url: target, headers } = await service.arrived(1)
    assert.equal(target, '/x?y=1')
    assert.equal(headers['cookie'], 'a=1; b=2')
    assert.equal(headers['x-one'], 'caf\xe9')
    assert.match(String(headers['via']), /^2\.0 evergate-/)
    assert.match(String(headers['forwarded']), /^for=127\.0\.0\.1;host="127\.0\.0\.1:\d+";proto=http$/)
    assert.deepEqual(
      Object.keys(headers).filter(name => name.startsWith(':')),
      []
    )
    assert.equal((await service.arrived(2)).headers['via']?.startsWith('1.1 '), true)
  })

  test('carries bodies of any length both ways, and many requests at once', async t => {
    const service = await upstream(t, (request, response) => {
      response.end(request.body)
    })
    const { url } = await gatewayTo(t, [service.url])
    const session = await http2To(t, url)
    const bodies = Array.from({ length: 40 }, (_, index) => String(index).repeat(1 + index * 5000))
    const answers = await Promise.all(bodies.map(body => askIn(session, { ':method': 'POST' }, body)))
    assert.deepEqual(
      answers.map(({ text, resetBy }) => [text.length, resetBy]),
      bodies.map(({ length }) => [length, 0])
    )
    assert.ok(answers.every(({ text }, index) => text === bodies[index]))
  })

  test('answers HEAD, 204 and 304 without a body, and the next one as ever', async t => {
    const service = await upstream(t, ({ url }, response) => {
      response.statusCode = Number(url?.slice(1)) || 200
      response.end(response.statusCode === 200 ? 'hello' : undefined)
    })
    const gateway = await gatewayTo(t, [service.url])
    const session = await http2To(t, gateway.url)
    for (const [method, path, status, text] of [
      ['HEAD', '/', 200, ''],
      ['GET', '/204', 204, ''],
      ['GET', '/304', 304, ''],
      ['GET', '/', 200, 'hello']
    ] as const) {
      const answer = await askIn(session, { ':method': method, ':path': path })
      assert.deepEqual([answer.status, answer.text, answer.resetBy], [status, text, 0])
    }
    await until(async () => (await total(gateway, 200, 'HEAD')) === 1)
    assert.equal(await total(gateway, 204), 1)
  })

  test('passes trailers, beside a length too, and early hints', async t => {
    const service = await upstream(t, ({ url }, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      if (url === '/chunked') response.setHeader('trailer', 'x-sum')
      response.writeHead(200)
      response.write('part')
      response.addTrailers([
        ['x-sum', '7'],
        ['x-sum', '8']
      ])
      response.end()
    })
    const { url } = await gatewayTo(t, [service.url])
    const answer = await askIn(await http2To(t, url), { ':path': '/chunked' })
    assert.deepEqual([answer.text, answer.trailers['x-sum']], ['part', '7, 8'])
    assert.equal(answer.informational[0]?.[':status'], 103)
    assert.match(String(answer.informational[0]?.['link']), /style\.css/)
  })

  test('lets a client that expects it send its body', async t => {
    const service = await upstream(t, (request, response) => void response.end(request.body))
    const { url } = await gatewayTo(t, [service.url])
    const session = await http2To(t, url)
    const stream = opened(session, { ':method': 'POST', expect: '100-continue' }, null)
    stream.on('continue', () => stream.end('now'))
    assert.equal((await answerOf(stream)).text, 'now')
  })

  test('is not spoken where it is turned off', async t => {
    const { port } = await echoing(t, { listen: { address: ':0', http2: false } })
    const wire = await wireTo(t, port)
    wire.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    assert.doesNotMatch(await wire.all(), /^\0/)
  })

  test('counts and logs as HTTP/1 does', async t => {
    const log = accessLog()
    const { gateway, url, adminUrl } = await echoing(t, { options: { logger: log.logger } })
    await askIn(await http2To(t, url), { ':path': '/seen', ':authority': 'shop.example' })
    const line: object = await log.line(1)
    assert.partialDeepStrictEqual(line, { client: '127.0.0.1', method: 'GET', host: 'shop.example', path: '/seen', status: 200 })
    assert.equal(await total({ gateway, adminUrl } as Parameters<typeof metricOf>[0], 200), 1)
  })

  test('is secured by ALPN, with the certificate of the client and its address', async t => {
    const { cert, key } = selfSigned('gateway.example')
    const { url, service } = await echoing(t, { listen: { address: ':0', tls: { cert, key } } })
    const answer = await askIn(await http2To(t, url, { servername: 'gateway.example' }))
    assert.equal(answer.text, 'hello')
    const { headers } = await service.arrived(1)
    assert.deepEqual([headers['x-forwarded-proto'], headers['x-forwarded-for']], ['https', '127.0.0.1'])
  })
})

describe('a stream of HTTP/2', () => {
  test('that its client resets is given up at the upstream, counts as 499, and leaves the others alone', async t => {
    const hanging = await upstream(t, 'hang')
    const gateway = await gatewayTo(t, [hanging.url])
    const session = await http2To(t, gateway.url)
    const stream = opened(session)
    const other = opened(session)
    const arrived = await Promise.all([hanging.arrived(1), hanging.arrived(2)])
    stream.close(constants.NGHTTP2_CANCEL)
    await Promise.race(arrived.map(({ ended }) => ended))
    await until(async () => (await total(gateway, 499)) === 1)
    assert.equal(other.closed, false)
    for (const { failures } of await targetsOf(gateway)) assert.equal(failures, 0)
  })

  test('that its client resets while it sends never looks complete to the upstream', async t => {
    const server = await wireServer(t, () => {})
    const { port } = await gatewayTo(t, [server.url], { route: { body: { buffer: '1kb' } } })
    const client = await framesTo(t, port)
    let stream = 1
    for (const code of [constants.NGHTTP2_CANCEL, constants.NGHTTP2_NO_ERROR]) {
      client.send(frame('HEADERS', endHeaders, stream, request([':method', 'POST'])))
      client.send(frame('DATA', 0, stream, Buffer.alloc(10_000, 'x')))
      const wire = await server.connected(server.wires.length + 1)
      await wire.until(/x{1000}/)
      client.send(frame('RST_STREAM', 0, stream, number(code)))
      await wire.closed
      assert.doesNotMatch(wire.text, /\r\n0\r\n/)
      stream += 2
    }
  })

  test('is reset where the upstream breaks, never ended as if it were whole, and its neighbours go on', async t => {
    const server = await wireServer(t, async wire => {
      const [, path] = await wire.until(/^GET (\S+)/)
      wire.send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n')
      if (path === '/whole') await new Promise(resolve => setImmediate(resolve))
      if (path === '/whole') wire.send('0\r\n\r\n')
      if (path === '/broken') setImmediate(() => wire.socket.resetAndDestroy())
    })
    const { url } = await gatewayTo(t, [server.url])
    const session = await http2To(t, url)
    const [broken, whole] = await Promise.all([askIn(session, { ':path': '/broken' }), askIn(session, { ':path': '/whole' })])
    assert.equal(broken.resetBy === constants.NGHTTP2_INTERNAL_ERROR || broken.status === 502, true)
    assert.deepEqual([whole.text, whole.resetBy], ['hello', 0])
    assert.equal((await askIn(session, { ':path': '/whole' })).text, 'hello')
  })

  test('that is answered early is answered, and its client is told not to send the rest', async t => {
    const { url, service } = await echoing(t, { route: { body: { max: '1kb' } } })
    const session = await http2To(t, url)
    const stream = opened(session, { ':method': 'POST' }, null)
    stream.write('x'.repeat(10_000))
    const answer = await answerOf(stream)
    assert.deepEqual([answer.status, JSON.parse(answer.text).code, answer.resetBy], [413, 'EG_BODY_TOO_LARGE', 0])
    assert.equal((await askIn(session)).text, 'hello')
    assert.equal(service.executed.length, 1)
  })

  test('that sends too slowly is told so', async t => {
    const { url } = await echoing(t, { route: { body: { timeout: '50ms' } } })
    const stream = opened(await http2To(t, url), { ':method': 'POST' }, null)
    stream.write('half')
    const answer = await answerOf(stream)
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [408, 'EG_CLIENT_TIMEOUT'])
  })

  test('that is not read makes the upstream wait, and its neighbours do not', async t => {
    const sent = { bytes: 0 }
    const chunk = Buffer.alloc(64 * 1024)
    const service = await upstream(t, ({ url }, response) => {
      if (url !== '/endless') return void response.end('hello')
      const write = () => {
        do sent.bytes += chunk.length
        while (!response.destroyed && response.write(chunk))
      }
      response.on('drain', write)
      write()
    })
    const gateway = await gatewayTo(t, [service.url])
    const session = await http2To(t, gateway.url)
    const stream = opened(session, { ':path': '/endless' })
    stream.pause()
    await service.arrived(1)
    const stalledAt = await stall(
      () => sent.bytes,
      () => askIn(session)
    )
    assert.ok(stalledAt < 30_000_000, `${stalledAt} bytes`)
    stream.resume()
    await until(() => sent.bytes > stalledAt + 10_000_000)
    stream.close(constants.NGHTTP2_CANCEL)
    await until(async () => (await targetsOf(gateway)).every(({ inFlight }) => inFlight === 0))
  })

  test('whose body is not read makes its client wait, and its neighbours do not', async t => {
    const server = await wireServer(t, wire => wire.socket.pause())
    const service = await upstream(t, { body: 'hello' })
    const gateway = await gatewayTo(t, [server.url], { route: { body: { buffer: '1kb', max: '1gb' } } })
    const session = await http2To(t, gateway.url)
    const stream = opened(session, { ':method': 'POST' }, null)
    for (let written = 0; written < 64; written++) stream.write(Buffer.alloc(1024 * 1024))
    await server.connected(1)
    const held = await stall(
      () => stream.bufferSize,
      () => askIn(session, { ':method': 'TRACE' })
    )
    assert.ok(held > 20 * 1024 * 1024, `${held} bytes are still the client's`)
    stream.close(constants.NGHTTP2_CANCEL)
    assert.equal(service.requests.length, 0)
  })

  test('goes elsewhere where a target is dead, with its body', async t => {
    const service = await upstream(t, (request, response) => void response.end(request.body))
    const { url } = await gatewayTo(t, [nowhere, service.url])
    const session = await http2To(t, url)
    assert.equal((await askIn(session, { ':method': 'POST' }, 'kept')).text, 'kept')
    assert.equal((await askIn(session, { ':method': 'POST' }, 'k'.repeat(300_000))).text.length, 300_000)
  })
})
