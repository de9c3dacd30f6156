import assert from 'node:assert/strict'
import { test } from 'node:test'
import { upstream } from '../../src/testing.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'

test('a connection above connections.perAddress is closed at once and counted; one that is closed makes room', async t => {
  const service = await upstream(t)
  const gateway = await gatewayTo(t, [service.url], { connections: { perAddress: 3 } })
  const refused = () =>
    metricOf(gateway, `evergate_connections_refused_total{listener="127.0.0.1:${gateway.port}",reason="address"}`)
  for (let open = 1; open <= 3; open++) {
    const wire = await wireTo(t, gateway.port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/^HTTP\/1\.1 200/)
  }
  for (let more = 1; more <= 2; more++) {
    const wire = await wireTo(t, gateway.port)
    assert.equal(await wire.all(), '')
    assert.equal(await refused(), more)
  }
  assert.equal(service.requests.length, 3)
})

test('who closes a connection may open another', async t => {
  const service = await upstream(t)
  const { port } = await gatewayTo(t, [service.url], { connections: { perAddress: 1 } })
  const served = async () => {
    const wire = await wireTo(t, port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    const text = await wire.all()
    wire.socket.destroy()
    return text.startsWith('HTTP/1.1 200')
  }
  // The gateway hears a little later that the one before is closed.
  for (let turn = 1; turn <= 3; turn++) await until(served)
  assert.equal(service.requests.length, 3)
})
