import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeClock } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { targetsOf } from '../support/operator.ts'
import { wireServer, wireTo } from '../support/wire.ts'

const beginning = (type: string) => `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n2\r\n1\n\r\n`

/** An answer of this type has begun, at a gateway whose time stands still. */
async function begun(t: Parameters<typeof wireTo>[0], type: string) {
  const clock = fakeClock()
  const service = await wireServer(t, async wire => {
    await wire.until(/\r\n\r\n/)
    if (!wire.text.includes('/hang')) wire.send(beginning(type))
  })
  const gateway = await gatewayTo(t, [service.url], {
    options: { clock },
    group: { timeouts: { idle: '60s', tunnel: '1h' }, retry: { attempts: 1 } }
  })
  const client = await wireTo(t, gateway.port)
  client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await client.until(/1\n\r\n/)
  return { clock, service, gateway, client }
}

describe('a long answer', () => {
  for (const type of [
    'text/event-stream',
    'text/event-stream; charset=utf-8',
    'Text/Event-Stream;charset=utf-8',
    'application/grpc+proto'
  ])
    test(`of ${type} is not cut because nothing happens`, async t => {
      const { clock, service, gateway, client } = await begun(t, type)
      // This one is out of time at the same look, and is told after it.
      const other = await wireTo(t, gateway.port)
      other.send('GET /hang HTTP/1.1\r\nhost: a\r\n\r\n')
      await (await service.connected(2)).until(/hang/)
      clock.advance(10 * 60_000)
      await other.until(/^HTTP\/1\.1 504 /)
      service.wires[0]?.send('2\r\n2\n\r\n0\r\n\r\n')
      await client.until(/2\n\r\n0\r\n\r\n$/)
    })

  test('of another type is cut when its target pauses for longer than it may', async t => {
    const { clock, service, client, gateway } = await begun(t, 'text/plain')
    clock.advance(61_000)
    await client.all()
    await service.wires[0]?.closed
    assert.equal((await targetsOf(gateway))[0]?.failures, 1)
  })

  test('of events ends at the target when the client leaves, and blames nobody', async t => {
    const { service, client, gateway } = await begun(t, 'text/event-stream')
    client.socket.destroy()
    await service.wires[0]?.closed
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.failures, target?.inFlight], [0, 0])
    assert.equal((await ask(`${gateway.adminUrl}/livez`)).status, 200)
  })
})
