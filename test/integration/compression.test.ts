import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { brotliDecompressSync, createGunzip, gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import { type Answer, build, type Handler, type TestGateway, type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'

const long = JSON.stringify({ rows: Array.from({ length: 400 }, (_, id) => ({ id, name: `row ${id}` })) })
const json = { 'content-type': 'application/json' }
const unpack = { zstd: zstdDecompressSync, br: brotliDecompressSync, gzip: gunzipSync }

/** A gateway whose one route compresses, in front of a service that answers like this. */
async function compressing(t: TestScope, answer: Answer | Handler, compress: object | true = true) {
  const service = await upstream(t, answer)
  const gateway = await gatewayTo(t, [service.url], { route: { compress } })
  return { service, gateway }
}

const accepting = (encoding: string) => ({ headers: { 'accept-encoding': encoding } })

/** Asks for a stream, and resolves when its head is there. */
async function open(gateway: TestGateway, encoding: string): Promise<IncomingMessage> {
  const asking = request(gateway.url, accepting(encoding)).end()
  const [response] = await once(asking, 'response')
  return response
}

describe('a whole answer', () => {
  for (const encoding of ['zstd', 'br', 'gzip'] as const) {
    test(`is compressed with ${encoding}, once, and says its new length`, async t => {
      const { gateway } = await compressing(t, { headers: { ...json, etag: '"a"', 'accept-ranges': 'bytes' }, body: long })
      const { headers, body, status } = await ask(gateway.url, accepting(encoding))
      assert.equal(status, 200)
      assert.equal(headers['content-encoding'], encoding)
      assert.equal(headers['content-length'], String(body.length))
      assert.equal(headers['content-type'], 'application/json')
      assert.equal(headers.vary, 'Accept-Encoding')
      assert.equal(headers.etag, 'W/"a"')
      assert.equal(headers['accept-ranges'], undefined)
      assert.ok(body.length < long.length / 2)
      assert.equal(unpack[encoding](body).toString(), long)
    })
  }

  test('has what comes first in the list of the route, where a client likes all', async t => {
    const { gateway } = await compressing(t, { headers: json, body: long }, { encodings: ['gzip', 'br'] })
    for (const [accepted, used] of [
      ['gzip, br, zstd', 'gzip'],
      ['*', 'gzip'],
      ['br;q=0.9, gzip;q=0.1', 'br'],
      ['gzip;q=0, *', 'br'],
      ['zstd', undefined]
    ] as const) {
      assert.equal((await ask(gateway.url, accepting(accepted))).headers['content-encoding'], used, accepted)
    }
  })

  test('of characters beyond ASCII keeps them', async t => {
    const text = 'grüße 世界 '.repeat(500)
    const { gateway } = await compressing(t, { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text })
    const { headers, body } = await ask(gateway.url, accepting('br'))
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
    assert.equal(brotliDecompressSync(body).toString(), text)
  })

  test('whose coding is identity is', async t => {
    for (const body of [long, long.repeat(10)]) {
      const { gateway } = await compressing(t, { headers: { ...json, 'content-encoding': 'Identity' }, body })
      const answer = await ask(gateway.url, accepting('br'))
      assert.equal(answer.headers['content-encoding'], 'br')
      assert.equal(brotliDecompressSync(answer.body).toString(), body)
    }
  })

  test('that is an error of the upstream is compressed too', async t => {
    const { gateway } = await compressing(t, { status: 404, headers: json, body: long })
    const { headers, status } = await ask(gateway.url, accepting('br'))
    assert.deepEqual([status, headers['content-encoding']], [404, 'br'])
  })

  test('of the gateway itself is, where a route has one', async t => {
    const respond = { headers: { 'content-type': 'text/plain' }, body: 'hello '.repeat(20_000) }
    const gateway = await build(t, { upstreams: {}, routes: [{ prefix: '/', respond, compress: true }] })
    const { headers, body } = await ask(gateway.url, accepting('gzip'))
    assert.equal(headers['content-encoding'], 'gzip')
    assert.equal(gunzipSync(body).toString(), respond.body)
  })
})

describe('stays as it is', () => {
  const plain: readonly (readonly [what: string, answer: Answer, vary?: string | undefined, asked?: Record<string, string>])[] = [
    ['an answer that has a coding', { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(long) }],
    ['one that lies about its coding', { headers: { ...json, 'content-encoding': 'gzip' }, body: long }],
    ['one of a coding that nobody knows', { headers: { ...json, 'content-encoding': 'x-own' }, body: long }],
    ['a type that is not compressed', { headers: { 'content-type': 'image/png' }, body: long }],
    ['one without a type', { body: long }],
    ['events', { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: long }],
    ['gRPC', { headers: { 'content-type': 'application/grpc+json' }, body: long }],
    ['one that says no-transform', { headers: { ...json, 'cache-control': 'max-age=1, no-transform' }, body: long }],
    ['one with a digest of its content', { headers: { ...json, 'content-digest': 'sha-256=:YQ==:' }, body: long }],
    ['a part', { status: 206, headers: { ...json, 'content-range': `bytes 0-9/${long.length}` }, body: long.slice(0, 10) }],
    ['a short one', { headers: { ...json, vary: 'Origin' }, body: 'x'.repeat(1023) }, 'Origin, Accept-Encoding'],
    ['what varies by everything', { headers: { ...json, vary: '*' }, body: 'x' }, '*'],
    ['an empty one', { headers: json, body: '' }, 'Accept-Encoding'],
    ['text that looks like gzip', { headers: json, body: gzipSync(long) }, 'Accept-Encoding'],
    ['one for who asks not to change it', { headers: json, body: long }, 'Accept-Encoding', { 'cache-control': 'no-transform' }],
    ['one for who refuses codings', { headers: json, body: long }, 'Accept-Encoding', { 'accept-encoding': 'identity, br;q=0' }],
    ['one for who says nothing of it', { headers: json, body: long }, 'Accept-Encoding', { 'accept-encoding': '' }]
  ]
  for (const [what, answer, vary, asked = {}] of plain) {
    test(what, async t => {
      const { gateway } = await compressing(t, { ...answer, headers: { ...answer.headers, etag: '"a"' } })
      const { headers, body, status } = await ask(gateway.url, { headers: { 'accept-encoding': 'gzip, br', ...asked } })
      assert.equal(status, answer.status ?? 200)
      assert.equal(headers['content-encoding'], answer.headers?.['content-encoding'])
      assert.equal(headers.vary, vary)
      assert.equal(headers.etag, '"a"')
      assert.deepEqual(body, Buffer.from(answer.body ?? ''))
    })
  }

  test('what HEAD asks about, with its length', async t => {
    const { gateway } = await compressing(t, (_request, response) => {
      response.writeHead(200, { ...json, 'content-length': 9999 }).end()
    })
    const { headers } = await ask(gateway.url, { method: 'HEAD', ...accepting('br') })
    assert.deepEqual([headers['content-length'], headers['content-encoding']], ['9999', undefined])
    assert.equal(headers.vary, 'Accept-Encoding')
  })

  for (const status of [204, 304]) {
    test(`a ${status}`, async t => {
      const { gateway } = await compressing(t, (_request, response) => {
        response.writeHead(status, { etag: '"a"' }).end()
      })
      const { headers, ...answer } = await ask(gateway.url, accepting('br'))
      assert.deepEqual([answer.status, headers['content-encoding'], headers.etag], [status, undefined, '"a"'])
    })
  }

  test('the answer of a route without compress, its fields too', async t => {
    const service = await upstream(t, { headers: json, body: long })
    const routes = [
      { prefix: '/', upstream: 'api' },
      { prefix: '/small', upstream: 'api', compress: true }
    ]
    const gateway = await build(t, { upstreams: { api: { targets: [service.url] } }, routes })
    const { headers, text } = await ask(gateway.url, accepting('br'))
    assert.deepEqual([headers['content-encoding'], headers.vary, text], [undefined, undefined, long])
    assert.equal((await ask(`${gateway.url}/small`, accepting('br'))).headers['content-encoding'], 'br')
  })

  test('a problem of the gateway', async t => {
    const { gateway } = await compressing(t, 'reset' as never, { min: 0 })
    const { headers, status } = await ask(gateway.url, accepting('br'))
    assert.deepEqual([status, headers['content-encoding'], headers.vary], [502, undefined, undefined])
  })

  test('an answer to HTTP/1.0, which knows broken ones by their length', async t => {
    const { gateway } = await compressing(t, { headers: json, body: long })
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    socket.write('GET / HTTP/1.0\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n')
    const answer = Buffer.concat(await socket.toArray()).toString()
    assert.match(answer, new RegExp(`\r\ncontent-length: ${long.length}\r\n`, 'i'))
    assert.doesNotMatch(answer, /content-encoding/i)
  })
})

test('a 304 about the compressed answer names that one', async t => {
  const { gateway, service } = await compressing(t, (_request, response) => {
    response.writeHead(304, { etag: '"a"' }).end()
  })
  const { headers } = await ask(gateway.url, { headers: { 'accept-encoding': 'br', 'if-none-match': 'W/"a"' } })
  assert.equal(service.requests[0]?.headers['if-none-match'], 'W/"a"')
  assert.deepEqual([headers.etag, headers.vary], ['W/"a"', 'Accept-Encoding'])
})

describe('a stream', () => {
  for (const encoding of ['zstd', 'br', 'gzip'] as const) {
    test(`of known length is compressed with ${encoding}, without it`, async t => {
      const big = long.repeat(30)
      const { gateway } = await compressing(t, { headers: json, body: big })
      const { headers, body } = await ask(gateway.url, accepting(encoding))
      assert.deepEqual([headers['content-encoding'], headers['content-length']], [encoding, undefined])
      assert.equal(unpack[encoding](body).toString(), big)
    })
  }

  test('goes out whenever its source pauses, its trailers after it', async t => {
    let say = (_text: string) => {}
    let end = () => {}
    const { gateway } = await compressing(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', trailer: 'x-sum' }).flushHeaders()
      say = text => void response.write(text)
      end = () => {
        response.addTrailers({ 'x-sum': '7' })
        response.end()
      }
    })
    const response = await open(gateway, 'gzip')
    assert.equal(response.headers['content-encoding'], 'gzip')
    const plain = response.pipe(createGunzip())
    plain.setEncoding('utf8')
    for (const line of ['one', 'two', 'three']) {
      say(line)
      assert.deepEqual(await once(plain, 'data'), [line])
    }
    end()
    await once(plain.resume(), 'end')
    assert.equal(response.trailers['x-sum'], '7')
  })

  test('is cancelled at the upstream when the client goes', async t => {
    const { gateway, service } = await compressing(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('begun')
    })
    const response = await open(gateway, 'br')
    response.destroy()
    const asked = await service.arrived(1)
    await asked.ended
    assert.equal(asked.aborted, true)
  })

  for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'content-length': '900000' }]) {
    test(`that breaks is never a shorter one that is well formed: ${Object.keys(headers)[0]}`, async t => {
      const { gateway } = await compressing(t, (_request, response) => {
        response.writeHead(200, { ...json, ...headers }).write(long.repeat(10), () => response.socket?.destroy())
      })
      await assert.rejects(ask(gateway.url, accepting('gzip')), { code: 'ECONNRESET' })
    })
  }

  test('goes at the pace of a client that does not read', async t => {
    let written = 0
    let stalled = () => {}
    const paused = new Promise<void>(resolve => {
      stalled = resolve
    })
    const { gateway } = await compressing(t, async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      // What cannot be compressed fills every buffer on the way.
      const chunk = Buffer.from(Array.from({ length: 65_536 }, () => 33 + Math.floor(Math.random() * 90)))
      for (; written < 4000; written++) {
        if (response.write(chunk)) continue
        const drained = once(response, 'drain')
        const late = AbortSignal.timeout(500)
        const silent = await Promise.race([drained.then(() => false), once(late, 'abort').then(() => true)])
        if (silent) return stalled()
      }
      stalled()
    })
    const response = await open(gateway, 'gzip')
    await paused
    assert.ok(written < 4000, 'all of 256 MB was taken in')
    response.destroy()
  })
})
