import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, fakeClock, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { selfSigned } from '../support/certificate.ts'
import { evergate } from '../support/evergate.ts'
import { targetsOf } from '../support/operator.ts'
import { answering, wireServer, wireTo } from '../support/wire.ts'

describe('what tests are made with', () => {
  test('a gateway forwards to an upstream that remembers what it was asked', async t => {
    const service = await upstream(t, [{ status: 201, headers: { 'x-a': '1' }, body: 'one' }, { body: 'two' }])
    const { url, adminUrl } = await build(t, {
      upstreams: { service: { targets: [{ url: service.url, id: 'only' }] } },
      routes: [{ prefix: '/', upstream: 'service' }]
    })
    const first = await ask(`${url}/a?b=c`, { method: 'POST', body: 'hello' })
    assert.deepEqual([first.status, first.headers['x-a'], first.text], [201, '1', 'one'])
    assert.equal((await ask(url)).text, 'two')
    assert.equal((await ask(url)).text, 'two')
    const [asked] = service.requests
    assert.deepEqual([asked?.method, asked?.url, asked?.body.toString(), asked?.aborted], ['POST', '/a?b=c', 'hello', false])
    assert.equal(service.executed.length, 3)
    const [target] = await targetsOf({ adminUrl })
    assert.deepEqual([target?.id, target?.requests, target?.failures], ['only', 3, 0])
  })

  test('an upstream resets, hangs, and breaks off', async t => {
    const service = await upstream(t, ['reset', { body: 'abcdef', cutAfter: 3 }, 'hang'])
    await assert.rejects(ask(service.url), { code: 'ECONNRESET' })
    await assert.rejects(ask(service.url), { code: 'ECONNRESET' })
    const asking = ask(service.url)
    const hanging = await service.arrived(3)
    await service.close()
    await assert.rejects(asking)
    await hanging.ended
    assert.deepEqual(
      service.requests.map(({ complete, aborted }) => [complete, aborted]),
      [
        [true, false],
        [true, false],
        [true, true]
      ]
    )
  })

  test('a configuration with problems is not built', async t => {
    await assert.rejects(build(t, { routes: [{ prefix: '/', upstream: 'nobody' }] }), /routes\[0\]\.upstream {2}.*nobody/)
  })

  test('a clock moves when it is told, and never back', () => {
    const clock = fakeClock(5)
    clock.advance(10)
    assert.equal(clock(), 15)
    assert.throws(() => clock.advance(-1), RangeError)
  })

  test('a certificate is valid for its name', async t => {
    const tls = selfSigned('127.0.0.1')
    const service = await upstream(t, { body: 'safe' }, { tls })
    const { url } = await build(t, {
      upstreams: { service: { targets: [service.url], tls: { ca: tls.cert } } },
      routes: [{ prefix: '/', upstream: 'service' }]
    })
    assert.equal((await ask(url)).text, 'safe')
  })

  test('bytes are seen as they are', async t => {
    const server = await wireServer(t, answering('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    const wire = await wireTo(t, server.port)
    wire.send('GET / HTTP/1.1\r\n\r\n')
    await wire.until(/\r\n\r\nok$/)
    assert.equal(server.wires[0]?.text, 'GET / HTTP/1.1\r\n\r\n')
  })

  test('a process of its own serves and ends', async t => {
    const { url, child, exited, logged } = await evergate(t, { drain: { notReady: 0 } })
    assert.equal((await ask(url)).status, 404)
    child.kill('SIGTERM')
    await logged('stopped')
    assert.equal(await exited, 0)
  })
})
