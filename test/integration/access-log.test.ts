import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeClock, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'
import { wireServer, wireTo } from '../support/wire.ts'

const get = 'GET /x HTTP/1.1\r\nhost: a\r\n\r\n'

describe('the access log and the metrics say of an answer that', () => {
  test('breaks at the upstream after it began: 502 EG_UPSTREAM_FAILED', async t => {
    const service = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\n/)
      wire.send('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nfirst')
    })
    const log = accessLog()
    const gateway = await gatewayTo(t, [service.url], { options: { logger: log.logger } })
    const wire = await wireTo(t, gateway.port)
    wire.send(get)
    await wire.until(/first/)
    service.wires[0]?.socket.destroy()
    await wire.all()
    const { status, error, attempts } = await log.line(1)
    assert.deepEqual([status, error, attempts?.map(({ outcome }) => outcome)], [502, 'EG_UPSTREAM_FAILED', ['reset']])
    assert.equal(await metricOf(gateway, 'evergate_requests_total{route="/",method="GET",status="502"}'), 1)
  })

  test('stops at the upstream after it began: 502 EG_TIMEOUT', async t => {
    const clock = fakeClock()
    const service = await upstream(t, (_request, response) => void response.write('first'))
    const log = accessLog()
    const gateway = await gatewayTo(t, [service.url], {
      options: { logger: log.logger, clock },
      group: { timeouts: { idle: '5s' } }
    })
    const wire = await wireTo(t, gateway.port)
    wire.send(get)
    await wire.until(/first/)
    clock.advance(6000)
    await wire.all()
    const { status, error, attempts } = await log.line(1)
    assert.deepEqual([status, error, attempts?.map(({ outcome }) => outcome)], [502, 'EG_TIMEOUT', ['timeout']])
  })

  test('its client did not stay for: 499, and nobody’s error', async t => {
    const service = await upstream(t, (_request, response) => void response.write('first'))
    const log = accessLog()
    const gateway = await gatewayTo(t, [service.url], { options: { logger: log.logger } })
    const wire = await wireTo(t, gateway.port)
    wire.send(get)
    await wire.until(/first/)
    wire.socket.destroy()
    const { status, error } = await log.line(1)
    assert.deepEqual([status, error], [499, undefined])
  })

  test('came whole: its status, and no error', async t => {
    const service = await upstream(t, { status: 201 })
    const log = accessLog()
    const gateway = await gatewayTo(t, [service.url], { options: { logger: log.logger } })
    await ask(gateway.url)
    const { status, error } = await log.line(1)
    assert.deepEqual([status, error], [201, undefined])
  })
})

describe('what is refused before any route is asked is counted, and logged in one line', () => {
  const long = 'a'.repeat(20_000)
  for (const [what, bytes, method, status, error, path] of [
    ['a request that is not HTTP', 'hello\r\n\r\n', undefined, 400, 'EG_BAD_REQUEST', undefined],
    ['two hosts', 'GET /x?token=1&a=2 HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n', 'GET', 400, 'EG_BAD_REQUEST', '/x?token=***&a=2'],
    ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n', 'CONNECT', 405, 'EG_METHOD', 'a:443'],
    ['a request that does not come', 'GET / HTTP/1.1\r\nhost:', undefined, 408, 'EG_CLIENT_TIMEOUT', undefined],
    ['a long target', `GET /${long} HTTP/1.1\r\nhost: a\r\n\r\n`, undefined, 414, 'EG_URI_TOO_LONG', undefined],
    ['large fields', `GET / HTTP/1.1\r\nhost: a\r\nx: ${long}\r\n\r\n`, undefined, 431, 'EG_HEADERS_TOO_LARGE', undefined],
    ['another coding', 'POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n', 'POST', 501, 'EG_NOT_IMPLEMENTED', '/x']
  ] as const) {
    test(`${what}: ${status}`, async t => {
      const log = accessLog()
      const gateway = await gatewayTo(t, [nowhere], { timeouts: { headers: '100ms' }, options: { logger: log.logger } })
      const wire = await wireTo(t, gateway.port)
      wire.send(bytes)
      const answer = await wire.all()
      const line = await log.line(1)
      assert.deepEqual([line.method, line.path, line.status, line.error], [method, path, status, error])
      assert.ok(answer.includes(`x-request-id: ${line.id}\r\n`))
      const sample = `evergate_requests_total{route="none",method="${method ?? 'OTHER'}",status="${status}"}`
      assert.equal(await metricOf(gateway, sample), 1)
      assert.equal(log.lines.length, 1)
    })
  }

  test('but for a connection that never sent a byte', async t => {
    const log = accessLog()
    const gateway = await gatewayTo(t, [nowhere], { timeouts: { headers: '100ms' }, options: { logger: log.logger } })
    const wire = await wireTo(t, gateway.port)
    await wire.all()
    assert.equal(await metricOf(gateway, 'evergate_requests_total{route="none",method="OTHER",status="408"}'), undefined)
    assert.deepEqual(log.lines, [])
  })

  test('and a request that turns to nonsense half way is one line, its own', async t => {
    const service = await wireServer(t, () => {})
    const log = accessLog()
    const gateway = await gatewayTo(t, [service.url], { route: { body: { buffer: '1kb' } }, options: { logger: log.logger } })
    const wire = await wireTo(t, gateway.port)
    wire.send(`POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n800\r\n${'x'.repeat(0x800)}\r\n`)
    await (await service.connected(1)).until(/x{2048}/)
    wire.send('no chunk\r\n')
    await wire.all()
    const { method, path, status, error, attempts } = await log.line(1)
    assert.deepEqual([method, path, status, error], ['POST', '/x', 400, 'EG_BAD_REQUEST'])
    assert.deepEqual(
      attempts?.map(({ outcome }) => outcome),
      ['aborted']
    )
    assert.equal(await metricOf(gateway, 'evergate_requests_total{route="/",method="POST",status="400"}'), 1)
    assert.equal(log.lines.length, 1)
  })
})
