import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { answering, wireServer, wireTo } from '../support/wire.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
const okBody = `${ok}content-length: 2\r\n\r\nok`

/** What no HTTP server should send in answer to a request. */
const nonsense: Readonly<Record<string, string>> = {
  'is not HTTP': 'SSH-2.0-OpenSSH_9.9\r\n\r\n',
  'has a status of 888': 'HTTP/1.1 888 Odd\r\ncontent-length: 0\r\n\r\n',
  'has a status of 099': 'HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n',
  'switches protocols unasked': `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n${okBody}`,
  'continues unasked': `HTTP/1.1 100 Continue\r\n\r\n${okBody}`,
  'has two lengths': `${ok}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`,
  'has a length and chunks': `${ok}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  'has a length that is no number': `${ok}content-length: -3\r\n\r\nabc`,
  'is coded as nobody asked for': `${ok}transfer-encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  'has a control character in a header': `${ok}x-a: a\x01b\r\ncontent-length: 2\r\n\r\nok`,
  'has a NUL in a header': `${ok}x-a: a\x00b\r\ncontent-length: 2\r\n\r\nok`,
  'has a space before a colon': `${ok}x-a : b\r\ncontent-length: 2\r\n\r\nok`,
  'has a folded header': `${ok}x-a: a\r\n b\r\ncontent-length: 2\r\n\r\nok`,
  'has a header of 20 kB': `${ok}x-a: ${'b'.repeat(20_000)}\r\ncontent-length: 2\r\n\r\nok`
}

describe('an answer that', () => {
  for (const [what, bytes] of Object.entries(nonsense)) {
    test(`${what} is a failure of its target alone`, async t => {
      const odd = await wireServer(t, answering(bytes))
      const good = await upstream(t, { body: 'good' })
      const gateway = await gatewayTo(t, [odd.url, good.url])
      assert.equal((await ask(gateway.url)).text, 'good')
      const { code } = await askProblem(gateway.url, { method: 'POST', body: 'order' })
      assert.deepEqual([code, odd.wires.length, good.requests.length], ['EG_UPSTREAM_FAILED', 2, 1])
      const [target] = await targetsOf(gateway)
      assert.deepEqual([target?.failures, target?.inFlight], [2, 0])
    })
  }

  test('is not HTTP is told as that, not as a broken connection', async t => {
    const odd = await wireServer(t, answering('SSH-2.0-OpenSSH_9.9\r\n\r\n'))
    const gateway = await gatewayTo(t, [odd.url], { group: { retry: { attempts: 1 } } })
    await askProblem(gateway.url)
    const labels = `upstream="service",target="127.0.0.1:${odd.port}",outcome="protocol"`
    assert.equal(await metricOf(gateway, `evergate_attempts_total{${labels}}`), 1)
  })

  test('has headers without end is given up', async t => {
    const endless = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\n/)
      wire.send(ok)
      // A bounded rest of eternity: 4 MB.
      for (let i = 0; i < 4000 && !wire.socket.destroyed; i++) wire.send(`x-${i}: ${'a'.repeat(1000)}\r\n`)
    })
    const { url } = await gatewayTo(t, [endless.url], { group: { retry: { attempts: 1 } } })
    assert.equal((await askProblem(url)).code, 'EG_UPSTREAM_FAILED')
    await endless.wires[0]?.closed
  })

  test('ends before its length is fetched again, and is 502 where that may not be', async t => {
    const short = await wireServer(t, async (wire, connection) => {
      await wire.until(/\r\n\r\n/)
      wire.socket.end(connection === 2 ? okBody : `${ok}content-length: 10\r\n\r\nshort`)
    })
    const { url } = await gatewayTo(t, [short.url])
    assert.equal((await ask(url)).text, 'ok')
    assert.equal((await askProblem(url, { method: 'POST' })).code, 'EG_UPSTREAM_FAILED')
    assert.equal(short.wires.length, 3)
  })

  test('is garbage right behind its head is fetched again, and is 502 where that may not be', async t => {
    const broken = `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`
    const odd = await wireServer(t, async (wire, connection) => {
      await wire.until(/\r\n\r\n/)
      wire.socket.end(connection === 2 ? okBody : broken)
    })
    const { url } = await gatewayTo(t, [odd.url])
    assert.equal((await ask(url)).text, 'ok')
    assert.equal((await askProblem(url, { method: 'POST' })).code, 'EG_UPSTREAM_FAILED')
    assert.equal(odd.wires.length, 3)
  })

  test('is small and comes at once is sent with its length, though it came in chunks, and with its trailers in chunks', async t => {
    const head = `${ok}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n`
    const small = await wireServer(t, answering(`${head}\r\n`, `${head}x-sum: 1\r\n\r\n`))
    const { url } = await gatewayTo(t, [small.url])
    const plain = await ask(url)
    assert.deepEqual([plain.text, plain.headers['content-length'], plain.headers['transfer-encoding']], ['ok', '2', undefined])
    const trailed = await ask(url)
    assert.deepEqual([trailed.text, trailed.headers['content-length']], ['ok', undefined])
  })

  test('breaks in a later chunk breaks for the client as well, never ending as if it were whole', async t => {
    const { promise: isHere, resolve: here } = Promise.withResolvers<void>()
    const broken = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\n/)
      wire.send(`${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`)
      await isHere
      wire.send('zz\r\n')
    })
    const gateway = await gatewayTo(t, [broken.url])
    const wire = await wireTo(t, gateway.port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/hello/)
    here()
    const text = await wire.all()
    assert.match(text, /\r\n5\r\nhello\r\n$/)
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.requests, target?.failures, target?.inFlight], [1, 1, 0])
  })

  test('is long and ends before its length is cut for the client as well', async t => {
    const service = await upstream(t, { body: Buffer.alloc(1 << 20), cutAfter: 500_000 })
    const gateway = await gatewayTo(t, [service.url])
    await assert.rejects(ask(gateway.url), { code: 'ECONNRESET' })
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.requests, target?.failures, target?.inFlight], [1, 1, 0])
  })

  test('is followed by another that nobody asked for is never mixed up with it', async t => {
    const chatty = await wireServer(t, answering(`${okBody}${ok}content-length: 4\r\n\r\nEVIL`))
    const { url } = await gatewayTo(t, [chatty.url])
    for (let i = 1; i <= 3; i++) {
      assert.equal((await ask(url)).text, 'ok')
      assert.equal(chatty.wires.length, i)
    }
  })

  test('has bytes above ASCII in its headers and trailers keeps them as they are', async t => {
    const bytes = 'caf\xe9 \xe2\x82\xac'
    const head = `${ok}x-a: ${bytes}\r\ncontent-disposition: attachment; filename="${bytes}"\r\n`
    const chunked = `transfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nx-sum: ${bytes}\r\n\r\n`
    const odd = await wireServer(t, answering(`${head}content-length: 2\r\n\r\nok`, head + chunked))
    const { port } = await gatewayTo(t, [odd.url])
    const wire = await wireTo(t, port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/\r\n\r\nok/)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/x-sum: .*\r\n\r\n$/)
    assert.equal(wire.text.split(`x-a: ${bytes}\r\n`).length, 3)
    assert.equal(wire.text.split(`content-disposition: attachment; filename="${bytes}"\r\n`).length, 3)
    assert.ok(wire.text.endsWith(`x-sum: ${bytes}\r\n\r\n`))
  })

  test('announces trailers but has no chunks to put them after is passed on without them', async t => {
    const announced = 'HTTP/1.1 204 No Content\r\ntrailer: x-sum\r\n\r\n'
    const busy = 'HTTP/1.1 503 Busy\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n'
    const odd = await wireServer(t, answering(announced, busy))
    const { url } = await gatewayTo(t, [odd.url], { group: { retry: { attempts: 2 } } })
    const empty = await ask(url)
    assert.deepEqual([empty.status, empty.headers.trailer], [204, undefined])
    const { status, text } = await ask(`${url}/`, { headers: { range: 'bytes=0-' } })
    assert.deepEqual([status, text], [503, 'abc'])
  })

  test('has no type, or one without a charset, keeps it that way', async t => {
    const types = ['application/json', 'application/problem+json;  profile=x', 'text/plain', undefined]
    const service = await upstream(
      t,
      types.map(type => ({ headers: type === undefined ? {} : { 'content-type': type }, body: '{"a": "é"}' }))
    )
    const { url } = await gatewayTo(t, [service.url])
    for (const type of types) {
      const { headers, text } = await ask(url)
      assert.deepEqual([headers['content-type'], text], [type, '{"a": "é"}'])
    }
  })

  test('is slow to begin has its head passed on before its body', async t => {
    const slow = await wireServer(t, answering(`${ok}content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n`))
    const { port } = await gatewayTo(t, [slow.url])
    const wire = await wireTo(t, port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/content-type: text\/event-stream\r\n.*?\r\n\r\n/s)
    slow.wires[0]?.send('8\r\ndata: a\n\r\n')
    await wire.until(/data: a\n/)
  })
})
