import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { answering, wireServer, wireTo } from '../support/wire.ts'

describe('a client that speaks HTTP', () => {
  for (const [status, fields] of [
    [204, {}],
    [205, { 'content-length': '0' }],
    [304, { etag: '"a"' }]
  ] as const) {
    test(`gets ${status} without a body, and its connection serves the next request`, async t => {
      const service = await upstream(t, (_request, response) => {
        response.writeHead(status, fields).end()
      })
      const { port } = await gatewayTo(t, [service.url])
      const wire = await wireTo(t, port)
      const head = `HTTP/1\\.1 ${status} [^]*?\\r\\n\\r\\n`
      for (let count = 1; count <= 2; count++) {
        wire.send('GET / HTTP/1.1\r\nhost: a\r\nif-none-match: "a"\r\n\r\n')
        await wire.until(new RegExp(`^(${head}){${count}}$`))
      }
      assert.equal(service.connections, 1)
    })
  }

  test('may send a body with GET, DELETE and any method', async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url])
    for (const method of ['GET', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY']) {
      assert.equal((await ask(url, { method, body: 'criteria', headers: { 'content-length': '8' } })).status, 200)
      const request = service.executed.at(-1)
      assert.deepEqual([request?.method, request?.body.toString()], [method, 'criteria'])
    }
    assert.equal(service.connections, 1)
  })

  test('may name the whole URL, whose host then counts', async t => {
    const service = await upstream(t)
    const { port } = await gatewayTo(t, [service.url], { route: { host: 'shop.example' } })
    const wire = await wireTo(t, port)
    wire.send('GET http://shop.example/items?a=b HTTP/1.1\r\nhost: other.example\r\n\r\n')
    await wire.until(/^HTTP\/1\.1 200/)
    const [request] = service.requests
    assert.deepEqual([request?.url, request?.headers['x-forwarded-host']], ['/items?a=b', 'shop.example'])
  })

  test('of version 1.0 gets an answer that ends with its connection, without chunks and interim answers', async t => {
    const service = await upstream(t, (_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('streamed')
      response.addTrailers({ 'x-sum': '1' })
      response.end()
    })
    const { port } = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, port)
    wire.send('GET / HTTP/1.0\r\n\r\n')
    const text = await wire.all()
    assert.match(text, /^HTTP\/1\.1 200 .*\r\n\r\nstreamed$/s)
    assert.doesNotMatch(text, /transfer-encoding|trailer/i)
    assert.match(service.requests[0]?.headers.via ?? '', /^1\.0 evergate-/)
  })

  test('may close its connection after the answer, as may one of version 1.0 keep it', async t => {
    const service = await upstream(t, { body: 'ok' })
    const { port } = await gatewayTo(t, [service.url])
    const closing = await wireTo(t, port)
    closing.send('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    assert.match(await closing.all(), /\r\nconnection: close\r\n(.*\r\n)?\r\nok$/is)
    const keeping = await wireTo(t, port)
    for (let count = 1; count <= 2; count++) {
      keeping.send('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n')
      await keeping.until(new RegExp(`(\r\n\r\nok[^]*){${count}}`))
    }
  })

  test('may send requests before their answers come, which come in order', async t => {
    const service = await upstream(t, async ({ url }, response) => {
      // The first waits for the second to arrive.
      if (url === '/1') await service.arrived(2)
      response.end(`answer ${url}`)
    })
    const { port } = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, port)
    wire.send('GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/answer \/1.*answer \/2/s)
  })

  test('that asks for 100 gets it once somebody wants its body', async t => {
    const service = await upstream(t, { body: 'done' })
    const { port } = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, port)
    wire.send('POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n')
    await wire.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    wire.send('body')
    await wire.until(/\r\n\r\ndone$/)
    assert.equal(service.executed[0]?.body.toString(), 'body')
  })

  test('that asks for 100 gets none where its request is refused', async t => {
    const service = await wireServer(t, answering('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    const { port } = await gatewayTo(t, [service.url], { route: { prefix: '/here', methods: ['POST'], body: { max: '1kb' } } })
    for (const [line, length, status] of [
      ['POST /here', 5000, 413],
      ['POST /elsewhere', 5, 404],
      ['PUT /here', 5, 405],
      ['POST /%zz', 5, 400]
    ] as const) {
      const wire = await wireTo(t, port)
      wire.send(`${line} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`)
      assert.match(await wire.all(), new RegExp(`^HTTP/1\\.1 ${status} `))
    }
    assert.equal(service.wires.length, 0)
  })

  test('may expect what nobody knows', async t => {
    const service = await upstream(t)
    const { port } = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, port)
    wire.send('POST / HTTP/1.1\r\nhost: a\r\nexpect: miracles\r\ncontent-length: 4\r\n\r\nbody')
    await wire.until(/^HTTP\/1\.1 200 OK\r\n/)
  })

  test('has its own bytes in header fields passed on', async t => {
    const service = await upstream(t)
    const { port } = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\nx-a: caf\xe9 \xe2\x82\xac\r\ncookie: a=1\r\ncookie: b=2\r\nx-b: 1\r\nx-b: 2\r\n\r\n')
    await wire.until(/^HTTP\/1\.1 200/)
    const { headers } = service.requests[0] ?? {}
    assert.deepEqual([headers?.['x-a'], headers?.cookie, headers?.['x-b']], ['caf\xe9 \xe2\x82\xac', 'a=1; b=2', '1, 2'])
  })
})
