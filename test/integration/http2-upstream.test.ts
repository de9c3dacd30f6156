import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { describe, test } from 'node:test'
import { upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { selfSigned } from '../support/certificate.ts'
import { answer, type Frame, framePeer, goaway, type PeerConnection, reset, settings, type } from '../support/frame-peer.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { http2Service, type Service } from '../support/http2-service.ts'
import { targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'

const own = selfSigned('127.0.0.1')
const isRequest = (each: Frame) => each.type === type.headers
const welcoming = (connection: PeerConnection) => connection.send(settings())

/** Says what it was asked. */
const echo: Service = (stream, headers) => {
  stream.respond({ ':status': 200, 'content-type': 'application/json' })
  stream.end(JSON.stringify(headers))
}

describe('targets that speak HTTP/2', () => {
  for (const secure of [false, true]) {
    test(`get requests of HTTP/1 clients ${secure ? 'over TLS' : 'by prior knowledge'}`, async t => {
      const service = await http2Service(t, echo, secure ? own : undefined)
      const group = secure ? ({ protocol: 'http2', tls: { ca: own.cert } } as const) : ({ protocol: 'h2c' } as const)
      const { url } = await gatewayTo(t, [service.url], { group })
      const { status, text } = await ask(`${url}/a?b=c`, {
        headers: { 'x-own': '1', connection: 'x-own, close', te: 'trailers' }
      })
      const seen = JSON.parse(text)
      assert.equal(status, 200)
      assert.deepEqual(
        [seen[':method'], seen[':path'], seen[':scheme'], seen[':authority'], seen.te, seen['x-own'], seen.connection],
        ['GET', '/a?b=c', secure ? 'https' : 'http', new URL(service.url).host, 'trailers', undefined, undefined]
      )
      for (let i = 0; i < 20; i++) assert.equal((await ask(url)).status, 200)
      assert.equal(service.sessions.size, 1)
    })
  }

  test('send trailers, early hints and cookies, which reach the client', async t => {
    const service = await http2Service(t, stream => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' })
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '5' }))
      stream.end('hello')
    })
    const { url } = await gatewayTo(t, [service.url], { group: { protocol: 'h2c' } })
    const { text, trailers, informational, headers } = await ask(url)
    assert.deepEqual([text, { ...trailers }, headers['set-cookie']], ['hello', { 'x-sum': '5' }, ['a=1', 'b=2']])
    assert.deepEqual(
      informational.map(each => [each.status, each.headers['link']]),
      [[103, '</a.css>; rel=preload']]
    )
  })

  test('take 10 MiB and give them back, as they come', async t => {
    const service = await http2Service(t, stream => {
      stream.respond({ ':status': 200 })
      stream.pipe(stream)
    })
    const { url } = await gatewayTo(t, [service.url], { group: { protocol: 'h2c' }, route: { body: { max: '20mb' } } })
    const sent = createHash('sha256')
    const received = createHash('sha256')
    const chunk = Buffer.alloc(64 * 1024)
    const asking = request(url, { method: 'POST', agent: false })
    const done = new Promise<void>((resolve, reject) => {
      asking.on('error', reject)
      asking.on('response', response =>
        response
          .on('data', bytes => received.update(bytes))
          .on('end', resolve)
          .on('error', reject)
      )
    })
    for (let i = 0; i < 160; i++) {
      chunk.fill(i)
      sent.update(chunk)
      if (!asking.write(Buffer.from(chunk))) await new Promise(resolve => asking.once('drain', resolve))
    }
    asking.end()
    await done
    assert.equal(received.digest('hex'), sent.digest('hex'))
  })

  test('that do not agree on h2, or speak HTTP/1, are not sent anything; the next target serves', async t => {
    const old = await upstream(t)
    const oldSecure = await upstream(t, {}, { tls: own })
    const good = await http2Service(t, echo)
    const goodSecure = await http2Service(t, echo, own)
    const plain = await gatewayTo(t, [old.url, good.url], { group: { protocol: 'h2c' } })
    const secure = await gatewayTo(t, [oldSecure.url, goodSecure.url], { group: { protocol: 'http2', tls: { ca: own.cert } } })
    for (const { url } of [plain, secure])
      for (const question of [{}, { method: 'POST', body: 'x' }]) assert.equal((await ask(url, question)).status, 200)
    assert.deepEqual([old.requests.length, oldSecure.requests.length], [0, 0])
  })

  test('that refuse a stream, or leave it out in GOAWAY, did nothing with it: any method goes to the next', async t => {
    for (const refusal of [(id: number) => reset(id, 7), () => goaway(0)]) {
      const peer = await framePeer(t, welcoming, (each, connection) => {
        if (isRequest(each)) connection.send(refusal(each.stream))
      })
      const good = await http2Service(t, echo)
      const gateway = await gatewayTo(t, [peer.url, good.url], { group: { protocol: 'h2c', retry: { budget: 0 } } })
      assert.equal((await ask(gateway.url, { method: 'POST', body: 'order' })).status, 200)
      const [first] = await targetsOf(gateway)
      assert.equal(first?.failures, 1)
    }
  })

  test('that break a stream of a POST may have done it: it is not sent twice', async t => {
    const peer = await framePeer(t, welcoming, (each, connection) => {
      if (isRequest(each)) connection.send(reset(each.stream, 2))
    })
    const good = await http2Service(t, echo)
    const { url } = await gatewayTo(t, [peer.url, good.url], { group: { protocol: 'h2c' } })
    assert.equal((await ask(url, { method: 'POST', body: 'order' })).status, 502)
    assert.equal((await ask(url)).status, 200)
  })

  test('that say GOAWAY while requests come lose none of them', async t => {
    let sent = 0
    const peer = await framePeer(t, welcoming, (each, connection) => {
      if (!isRequest(each)) return
      const { streams } = connection
      // Every connection serves five, as one with a limit of requests does, and does not look at what comes after.
      if (streams.length > 5) return
      connection.send(answer(each.stream, 'done'))
      if (streams.length === 5) connection.send(goaway(each.stream))
      sent++
    })
    const group = { protocol: 'h2c', retry: { attempts: 20, budget: 0 } } as const
    const { url } = await gatewayTo(t, [peer.url], { group })
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(url, { method: 'POST', body: 'x' })))
    assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)), new Set(['200 done']))
    assert.equal(sent, 40, 'none was done twice')
  })

  test('one of three is killed under load, and no GET fails', async t => {
    const services = await Promise.all(
      [1, 2, 3].map(() => http2Service(t, stream => setImmediate(() => stream.destroyed || echo(stream, {}))))
    )
    const { url, gateway } = await gatewayTo(
      t,
      services.map(each => each.url),
      { group: { protocol: 'h2c', balance: 'round-robin' } }
    )
    const statuses: number[] = []
    let killed = false
    const worker = async () => {
      for (let i = 0; i < 60; i++) {
        statuses.push((await ask(url)).status)
        if (!killed && statuses.length >= 150) {
          killed = true
          services[1]?.kill()
        }
      }
    }
    await Promise.all(Array.from({ length: 10 }, worker))
    assert.deepEqual([statuses.length, new Set(statuses)], [600, new Set([200])])
    await until(() => services[1]?.sessions.size === 0)
    assert.deepEqual([services[0]?.sessions.size, services[2]?.sessions.size], [1, 1])
    await gateway.close()
    await until(() => services.every(each => each.sessions.size === 0))
  })

  test('are told when the client leaves', async t => {
    const codes: number[] = []
    const service = await http2Service(t, stream => {
      stream.respond({ ':status': 200 })
      stream.write('begun')
      stream.on('close', () => codes.push(stream.rstCode))
    })
    const { url } = await gatewayTo(t, [service.url], { group: { protocol: 'h2c' } })
    const asking = request(url, { agent: false })
    asking.on('error', () => {})
    asking.on('response', response => {
      response.on('error', () => {})
      response.once('data', () => asking.destroy())
    })
    asking.end()
    await until(() => codes.length === 1)
    assert.deepEqual([codes, service.sessions.size], [[8], 1])
  })

  test('are checked as they are used', async t => {
    const good = await http2Service(t, echo)
    const old = await upstream(t)
    const health = { path: '/health', interval: '1s', fall: 1 } as const
    const gateway = await gatewayTo(t, [old.url, nowhere, good.url], { group: { protocol: 'h2c', health } })
    const view = async () => JSON.parse((await ask(`${gateway.adminUrl}/api/upstreams`)).text).upstreams[0]
    const states = async () => (await view()).targets.map((target: { readonly health: string }) => target.health)
    await until(async () => (await states()).join() === 'failing,failing,passing')
    assert.equal((await ask(gateway.url)).status, 200)
    assert.equal((await view()).protocol, 'h2c')
  })
})

describe('gRPC answers', () => {
  const grpc = { 'content-type': 'application/grpc', te: 'trailers' }
  /** Only trailers, as gRPC servers answer what fails before a message. */
  const failing =
    (status: number): Service =>
    stream => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) }, { endStream: true })
    }
  /** A message first, or none, and then the status. */
  const streaming =
    (status: number, message = ''): Service =>
    stream => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }))
      stream.end(message)
    }

  test('of trailers alone count as what they say, and are retried where that is allowed', async t => {
    const bad = await http2Service(t, failing(14))
    const good = await http2Service(t, streaming(0, 'message'))
    const targets = [bad.url, good.url]
    const call = { method: 'POST', headers: grpc, body: 'x' }
    const careful = await gatewayTo(t, targets, { group: { protocol: 'h2c' } })
    const first = await ask(careful.url, call)
    assert.deepEqual([first.status, first.headers['grpc-status'], first.text], [200, '14', ''])
    assert.equal((await targetsOf(careful))[0]?.failures, 1)
    const free = await gatewayTo(t, targets, { group: { protocol: 'h2c', retry: { unsafe: true } } })
    const second = await ask(free.url, call)
    assert.deepEqual([second.text, { ...second.trailers }], ['message', { 'grpc-status': '0' }])
  })

  for (const [status, failures] of [
    [5, 0],
    [8, 0],
    [12, 0],
    [2, 1],
    [4, 1],
    [13, 1],
    [15, 1],
    [77, 1]
  ] as const) {
    test(`that fail with ${status} are ${failures === 1 ? 'a failure' : 'no failure'} of the target`, async t => {
      for (const service of [failing(status), streaming(status), streaming(status, 'message')]) {
        const target = await http2Service(t, service)
        const gateway = await gatewayTo(t, [target.url], { group: { protocol: 'h2c', retry: { attempts: 1 } } })
        const answer = await ask(gateway.url, { method: 'POST', headers: grpc, body: 'x' })
        assert.equal(answer.status, 200)
        assert.equal((await targetsOf(gateway))[0]?.failures, failures)
      }
    })
  }

  test('that fail make the breaker open', async t => {
    const target = await http2Service(t, streaming(14))
    const breaker = { failureShare: 0.5, minimum: 5, window: '10s', open: '60s' } as const
    const gateway = await gatewayTo(t, [target.url], { group: { protocol: 'h2c', retry: { attempts: 1 }, breaker } })
    for (let i = 0; i < 5; i++) await ask(gateway.url, { method: 'POST', headers: grpc, body: 'x' })
    assert.equal((await targetsOf(gateway))[0]?.breaker, 'open')
  })
})
