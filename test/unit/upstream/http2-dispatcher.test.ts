import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { seededRandom } from '../../../src/time/random.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { selfSigned } from '../../support/certificate.ts'
import { http2Service, type Service } from '../../support/http2-service.ts'
import { until } from '../../support/until.ts'
import { Asked, ask, atRest, dispatcherTo } from './fixtures/asking.ts'

const hello: Service = stream => {
  stream.respond({ ':status': 200 })
  stream.end('hello')
}

describe('a request', () => {
  test('has its fields as HTTP/2 has them', async t => {
    const { url } = await http2Service(t, (stream, headers) => {
      stream.respond({ ':status': 200 })
      stream.end(JSON.stringify(headers))
    })
    const dispatcher = dispatcherTo(t, url)
    const headers = [
      'Host',
      'api.example',
      'connection',
      'x',
      'x',
      '1',
      'te',
      'gzip, trailers',
      'x',
      '2',
      'cookie',
      'a=1',
      'cookie',
      'b=2'
    ]
    const asked = ask(dispatcher, { path: '/a?b=c', headers: [...headers, 'transfer-encoding', 'chunked', 'upgrade', 'h2c'] })
    await asked.ended()
    assert.deepEqual(JSON.parse(asked.body), {
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': 'api.example',
      ':path': '/a?b=c',
      x: '1, 2',
      te: 'trailers',
      cookie: 'a=1; b=2'
    })
    const other = ask(dispatcher, { headers: { x: ['1', '2'] } })
    await other.ended()
    assert.equal(JSON.parse(other.body)[':authority'], new URL(url).host)
    assert.equal(JSON.parse(other.body).x, '1, 2')
    // As a request of HTTP/1.0 may have it.
    const nameless = ask(dispatcher, { headers: { host: '' } })
    await nameless.ended()
    assert.equal(JSON.parse(nameless.body)[':authority'], new URL(url).host)
  })

  test('has its body, whole or streamed, and is told to be sent when it is', async t => {
    const { url } = await http2Service(t, stream => {
      let bytes = 0
      stream.on('data', chunk => (bytes += chunk.length))
      stream.on('end', () => {
        stream.respond({ ':status': 200 })
        stream.end(String(bytes))
      })
    })
    const dispatcher = dispatcherTo(t, url)
    const whole = ask(dispatcher, { method: 'POST', body: Buffer.alloc(300_000), headers: ['content-length', '300000'] })
    assert.equal(await whole.ended(), '200 300000')
    const streamed = ask(dispatcher, { method: 'POST', body: Readable.from(Array(50).fill(Buffer.alloc(10_000))) })
    assert.equal(await streamed.ended(), '200 500000')
    assert.deepEqual([whole.sent, streamed.sent], [true, true])
    assert.equal(ask(dispatcher).sent, true, 'nothing is left to send')
    await atRest(dispatcher)
  })

  test('may be answered while it is being sent', async t => {
    const { url } = await http2Service(t, stream => {
      stream.respond({ ':status': 200 })
      stream.pipe(stream)
    })
    const dispatcher = dispatcherTo(t, url)
    const body = new PassThrough()
    const asked = ask(dispatcher, { method: 'POST', body })
    for (const word of ['one ', 'two ', 'three']) {
      const before = asked.bytes
      body.write(word)
      await until(() => asked.bytes === before + word.length)
    }
    assert.equal(asked.sent, false)
    body.end()
    assert.equal(await asked.ended(), '200 one two three')
  })

  test('whose body breaks ends its stream alone', async t => {
    const { url } = await http2Service(t, hello)
    const dispatcher = dispatcherTo(t, url)
    const body = new PassThrough()
    const asked = ask(dispatcher, { method: 'POST', body, headers: ['content-length', '10'] }, new Asked(0))
    body.destroy(new Error('the client left'))
    assert.equal(await asked.ended(), 'the client left')
    assert.equal(await ask(dispatcher).ended(), '200 hello')
    await atRest(dispatcher)
  })

  test('that HTTP/2 cannot carry is not sent', async t => {
    const { url } = await http2Service(t, hello)
    const dispatcher = dispatcherTo(t, url)
    assert.equal(await ask(dispatcher, { headers: ['bad name', 'x'] }).ended(), 'reset')
    assert.equal(await ask(dispatcher).ended(), '200 hello')
    await atRest(dispatcher)
  })
})

describe('an answer', () => {
  test('has its fields in lower case, cookies as a list, and trailers at its end', async t => {
    const { url } = await http2Service(t, stream => {
      stream.additionalHeaders({ ':status': 103, link: '</a>; rel=preload' })
      stream.respond({ ':status': 201, 'set-cookie': ['a=1', 'b=2'], 'X-Many': ['1', '2'] }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '5' }))
      stream.end('hello')
    })
    const asked = ask(dispatcherTo(t, url))
    assert.equal(await asked.ended(), '201 hello')
    const { date, ...rest } = asked.headers
    assert.deepEqual(rest, { 'set-cookie': ['a=1', 'b=2'], 'x-many': '1, 2' })
    assert.deepEqual([asked.informed, { ...asked.trailers }], [[103], { 'x-sum': '5' }])
  })

  test('may have no body', async t => {
    const { url } = await http2Service(t, (stream, headers) => {
      stream.respond(
        { ':status': Number(headers['x-status']), 'content-length': Number(headers['x-length']) },
        { endStream: true }
      )
    })
    const dispatcher = dispatcherTo(t, url)
    for (const [method, status, length] of [
      ['HEAD', '200', '1000'],
      ['GET', '204', '0'],
      ['GET', '304', '1000'],
      ['GET', '200', '0']
    ] as const) {
      const asked = ask(dispatcher, { method, headers: ['x-status', status, 'x-length', length] })
      assert.equal(await asked.ended(), `${status} `)
      assert.deepEqual({ ...asked.trailers }, {})
    }
  })

  test('that is shorter than its length is broken', async t => {
    const { url } = await http2Service(t, stream => {
      stream.respond({ ':status': 200, 'content-length': 10 })
      stream.end('hello')
    })
    assert.equal(await ask(dispatcherTo(t, url)).ended(), 'protocol')
  })

  test('that is not read holds its sender, and nobody else', async t => {
    let taken = 0
    const { url } = await http2Service(t, (stream, headers) => {
      if (headers[':path'] === '/') return hello(stream, headers)
      stream.respond({ ':status': 200 })
      Readable.from(Array(320).fill(Buffer.alloc(32_768)))
        .on('data', chunk => (taken += chunk.length))
        .pipe(stream)
    })
    const dispatcher = dispatcherTo(t, url)
    const slow = Array.from({ length: 30 }, () => ask(dispatcher, { path: '/large' }, new Asked(1)))
    await until(() => slow.every(each => each.bytes > 0))
    for (let i = 0; i < 50; i++) assert.equal(await ask(dispatcher).ended(), '200 hello')
    assert.ok(taken < 30 * 1024 * 1024, `${taken} bytes were taken of 300 MiB`)
    assert.equal(dispatcher.stats.sessions, 1)
    for (const each of slow.slice(1)) each.controller?.abort(new Error('enough'))
    const [first] = slow
    while (first !== undefined && !first.over) {
      first.controller?.resume()
      await new Promise(resolve => setImmediate(resolve))
    }
    assert.equal(first?.bytes, 320 * 32_768)
    await atRest(dispatcher)
  })

  for (const way of ['close', 'destroy'] as const) {
    test(`that has come is read to its end, although its connection has ended (${way})`, async t => {
      const scheduler = new VirtualScheduler()
      let written = false
      const { url, sessions } = await http2Service(t, (stream, headers) => {
        stream.on('close', () => (written = true))
        stream.respond({ ':status': 200 })
        stream.end(headers[':path'] === '/' ? 'hello' : Buffer.alloc(200_000))
      })
      const dispatcher = dispatcherTo(t, url, { scheduler })
      const asked = ask(dispatcher, { path: '/large' }, new Asked(0))
      await until(() => asked.status === 200 && written)
      // What comes after it on the same connection says that all of it has come.
      assert.equal(await ask(dispatcher).ended(), '200 hello')
      for (const session of sessions) session[way]()
      await until(async () => (await ask(dispatcher).ended()) === '200 hello' && sessions.size === (way === 'close' ? 2 : 1))
      for (let seconds = 0; seconds < 60; seconds += 5) scheduler.advance(5000)
      assert.equal(asked.over, false)
      while (!asked.over) {
        asked.controller?.resume()
        await new Promise(resolve => setImmediate(resolve))
      }
      assert.deepEqual([asked.error, asked.bytes], [undefined, 200_000])
    })
  }

  test('that has come, and that nobody reads any more, leaves nothing', async t => {
    let written = false
    const { url } = await http2Service(t, (stream, headers) => {
      stream.on('close', () => (written = true))
      hello(stream, headers)
    })
    const dispatcher = dispatcherTo(t, url)
    const asked = ask(dispatcher, {}, new Asked(0))
    await until(() => asked.status === 200 && written)
    assert.equal(await ask(dispatcher).ended(), '200 hello')
    assert.equal(dispatcher.stats.streams, 1)
    asked.controller?.abort(new Error('enough'))
    await atRest(dispatcher)
  })

  test('is lost with its connection', async t => {
    const { url, sessions } = await http2Service(t, stream => {
      stream.respond({ ':status': 200 })
      stream.write('half')
    })
    const dispatcher = dispatcherTo(t, url)
    const asked = [ask(dispatcher), ask(dispatcher)]
    await until(() => asked.every(each => each.body === 'half'))
    for (const session of sessions) session.socket?.destroy()
    assert.deepEqual(await Promise.all(asked.map(each => each.ended())), ['reset', 'reset'])
    await until(() => dispatcher.stats.sessions === 0)
  })
})

describe('connections', () => {
  test('are shared, and made for the first who needs one', async t => {
    const { url, sessions } = await http2Service(t, hello)
    const dispatcher = dispatcherTo(t, url)
    assert.equal(dispatcher.stats.sessions, 0)
    const asked = Array.from({ length: 100 }, () => ask(dispatcher))
    for (const each of asked) assert.equal(await each.ended(), '200 hello')
    assert.equal(sessions.size, 1)
  })

  test('without streams are closed after a while', async t => {
    const scheduler = new VirtualScheduler()
    const { url, sessions } = await http2Service(t, hello)
    const dispatcher = dispatcherTo(t, url, { scheduler })
    assert.equal(await ask(dispatcher).ended(), '200 hello')
    await atRest(dispatcher)
    scheduler.advance(59_000)
    assert.equal(await ask(dispatcher).ended(), '200 hello')
    await atRest(dispatcher)
    scheduler.advance(59_000)
    assert.equal(dispatcher.stats.sessions, 1)
    scheduler.advance(1000)
    await until(() => sessions.size === 0 && dispatcher.stats.sessions === 0)
    assert.equal(await ask(dispatcher).ended(), '200 hello')
  })

  test('that cannot be made fail all who wait, with nothing sent', async t => {
    const dispatcher = dispatcherTo(t, 'http://127.0.0.1:1')
    const asked = [ask(dispatcher), ask(dispatcher)]
    for (const each of asked) {
      await each.ended()
      assert.equal(each.error !== undefined && 'code' in each.error && each.error.code, 'ECONNREFUSED')
      assert.equal(each.started, 0)
    }
    assert.equal(dispatcher.stats.sessions, 0)
  })

  test('end when the dispatcher closes: streams that are open first', async t => {
    const { url, sessions } = await http2Service(t, stream => {
      stream.respond({ ':status': 200 })
      stream.pipe(stream)
    })
    const dispatcher = dispatcherTo(t, url)
    const body = new PassThrough()
    const asked = ask(dispatcher, { method: 'POST', body })
    body.write('be')
    await until(() => asked.body === 'be')
    const closed = dispatcher.close()
    assert.equal(await ask(dispatcher).ended(), 'refused')
    body.end('gun')
    assert.equal(await asked.ended(), '200 begun')
    await closed
    await until(() => sessions.size === 0)
  })

  test('end at once when the dispatcher is destroyed', async t => {
    const { url, sessions } = await http2Service(t, () => {})
    const dispatcher = dispatcherTo(t, url)
    const asked = ask(dispatcher)
    await until(() => dispatcher.stats.streams === 1)
    await dispatcher.destroy()
    assert.equal(await asked.ended(), 'reset')
    await until(() => sessions.size === 0)
    assert.deepEqual(dispatcher.stats, { sessions: 0, streams: 0, waiting: 0 })
  })
})

test('whatever clients and a target do to each other at random, every exchange ends once, and no stream is left', async t => {
  const random = seededRandom(7)
  const chance = (share: number) => random() < share
  let open = 0
  const { url, sessions } = await http2Service(t, stream => {
    open++
    stream.on('close', () => open--)
    const fate = random()
    if (fate < 0.1) stream.close(chance(0.5) ? 7 : 2)
    else if (fate < 0.2) stream.respond({ ':status': 503 }, { endStream: true })
    else {
      stream.respond({ ':status': 200 })
      if (chance(0.3)) stream.end(Buffer.alloc(Math.floor(random() * 400_000)))
      else stream.pipe(stream)
    }
  })
  const dispatcher = dispatcherTo(t, url, { streams: 20, sessions: 3 })
  const all: Asked[] = []
  for (let i = 0; i < 400; i++) {
    const body = chance(0.5)
      ? Readable.from(Array(Math.floor(random() * 20)).fill(Buffer.alloc(8192)))
      : chance(0.5)
        ? Buffer.alloc(50_000)
        : null
    const asked = ask(
      dispatcher,
      { method: 'POST', body },
      new Asked(chance(0.3) ? Math.floor(random() * 100_000) : Number.POSITIVE_INFINITY)
    )
    all.push(asked)
    for (let turn = 0; turn < 3; turn++) {
      if (chance(0.5)) await new Promise(resolve => setImmediate(resolve))
      const other = all[Math.floor(random() * all.length)]
      if (chance(0.2)) other?.controller?.abort(new Error('given up'))
      else other?.controller?.resume()
    }
  }
  await until(() => {
    for (const each of all) each.controller?.resume()
    return all.every(each => each.over)
  })
  await atRest(dispatcher)
  await until(() => open === 0)
  for (const each of all) assert.ok(each.ends === 1 && each.started <= 1, each.outcome)
  assert.ok(sessions.size <= 3)
})

describe('with TLS', () => {
  const own = selfSigned('127.0.0.1')

  test('h2 is agreed on, and the certificate checked', async t => {
    const { url } = await http2Service(t, hello, own)
    assert.equal(await ask(dispatcherTo(t, url, { tls: { verify: true, ca: own.cert } })).ended(), '200 hello')
    assert.equal(await ask(dispatcherTo(t, url, { tls: { verify: false } })).ended(), '200 hello')
    const distrusted = ask(dispatcherTo(t, url))
    await distrusted.ended()
    assert.equal(distrusted.started, 0)
    assert.ok(distrusted.error && 'code' in distrusted.error && distrusted.error.code === 'DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  test('authorities that change count for new connections', async t => {
    const { url } = await http2Service(t, hello, own)
    const tls = { verify: true, ca: selfSigned('127.0.0.1').cert }
    const dispatcher = dispatcherTo(t, url, { tls })
    assert.equal((await ask(dispatcher).ended()).startsWith('200'), false)
    tls.ca = own.cert
    assert.equal(await ask(dispatcher).ended(), '200 hello')
  })

  test('who has not taken h2 is not spoken to', async t => {
    let bytes = 0
    const server = createTlsServer(own, socket => socket.on('error', () => {}).on('data', chunk => (bytes += chunk.length)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(async () => void server.close())
    // A server that listens on a host and port has an AddressInfo.
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const asked = ask(dispatcherTo(t, url, { tls: { verify: false } }))
    assert.equal(await asked.ended(), 'tls')
    assert.deepEqual([asked.started, bytes], [0, 0])
  })
})
