import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeClock, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
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
