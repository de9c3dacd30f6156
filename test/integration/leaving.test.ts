import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { build, fakeClock, type TestGateway, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { temporary } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { wireServer, wireTo } from '../support/wire.ts'

/** Nobody failed, and nothing is left under way. */
async function assertBlameless(gateway: TestGateway): Promise<void> {
  for (const { inFlight, failures } of await targetsOf(gateway)) assert.deepEqual([inFlight, failures], [0, 0])
}

describe('a client that leaves', () => {
  test('before the answer begins ends the attempt and blames nobody, however often', async t => {
    const service = await upstream(t, 'hang')
    const gateway = await gatewayTo(t, [service.url], { group: { breaker: {} } })
    for (let i = 1; i <= 10; i++) {
      const wire = await wireTo(t, gateway.port)
      wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      const request = await service.arrived(i)
      wire.socket.destroy()
      await request.ended
      assert.equal(request.aborted, true)
    }
    await assertBlameless(gateway)
    assert.equal((await targetsOf(gateway))[0]?.breaker, 'closed')
    assert.equal(await metricOf(gateway, 'evergate_requests_total{route="/",method="GET",status="499"}'), 10)
  })

  test('in the middle of a streamed answer ends it at the upstream', async t => {
    const service = await upstream(t, (_request, response) => {
      response.write('first')
    })
    const gateway = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, gateway.port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/first/)
    wire.socket.destroy()
    await service.requests[0]?.ended
    assert.equal(service.requests[0]?.aborted, true)
    await assertBlameless(gateway)
  })

  test('in the middle of a streamed body ends it at the upstream', async t => {
    const service = await wireServer(t, () => {})
    const gateway = await gatewayTo(t, [service.url], { route: { body: { buffer: '1kb' } } })
    const wire = await wireTo(t, gateway.port)
    wire.send(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(5000)}`)
    const received = await service.connected(1)
    await received.until(/x{5000}/)
    wire.socket.destroy()
    await received.closed
    await assertBlameless(gateway)
  })

  test('the rules in the middle of a streamed body has left', async t => {
    const service = await wireServer(t, () => {})
    const gateway = await gatewayTo(t, [service.url], { route: { body: { buffer: '1kb' } } })
    const wire = await wireTo(t, gateway.port)
    wire.send(`POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n800\r\n${'x'.repeat(0x800)}\r\n`)
    const received = await service.connected(1)
    await received.until(/x{2048}/)
    wire.send('no chunk\r\n')
    await wire.until(/^HTTP\/1\.1 400 .*"EG_BAD_REQUEST"/s)
    await received.closed
    assert.doesNotMatch(received.text, /\r\n0\r\n\r\n$/)
    await assertBlameless(gateway)
  })

  test('before its body is there bothers no upstream', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url])
    const wire = await wireTo(t, gateway.port)
    wire.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf')
    await ask(gateway.url)
    wire.socket.destroy()
    await ask(gateway.url)
    assert.equal(service.requests.length, 2)
    await assertBlameless(gateway)
  })

  test('while a retry is waited for is not retried for', async t => {
    const clock = fakeClock()
    const service = await upstream(t, [{ status: 503, headers: { 'retry-after': '2' } }, 'hang', {}])
    const gateway = await gatewayTo(t, [service.url], { options: { clock }, group: { timeouts: { response: '3s' } } })
    const wire = await wireTo(t, gateway.port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await (await service.arrived(1)).ended
    const other = askProblem(gateway.url, { method: 'POST' })
    await service.arrived(2)
    wire.socket.destroy()
    await until(async () => (await metricOf(gateway, 'evergate_requests_total{route="/",method="GET",status="499"}')) === 1)
    // Both would be looked at together: when the other is out of time, the retry would have been sent.
    clock.advance(4000)
    assert.equal((await other).code, 'EG_TIMEOUT')
    await ask(gateway.url)
    assert.equal(service.requests.length, 3)
  })

  test('while a plugin still works is not forwarded for', async t => {
    const { gateway, service, hold, release } = await withSlowPlugin(t)
    const wire = await wireTo(t, gateway.port)
    wire.send('GET /left HTTP/1.1\r\nhost: a\r\n\r\n')
    const { closed } = await hold
    wire.socket.destroy()
    await closed
    release()
    await ask(`${gateway.url}/stays`)
    assert.deepEqual(
      service.requests.map(({ url }) => url),
      ['/stays']
    )
    await assertBlameless(gateway)
  })

  test('while a connection to a target is being made takes it with it', async t => {
    const gateway = await gatewayTo(t, [nowhere])
    const wire = await wireTo(t, gateway.port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    wire.socket.destroy()
    await ask(gateway.url)
    const [target] = await targetsOf(gateway)
    assert.equal(target?.inFlight, 0)
  })
})

/** A gateway with a plugin that waits on `/left`: `hold` resolves when it does, with a promise of the client's leaving. */
async function withSlowPlugin(t: TestContext) {
  const directory = await temporary(t)
  await writeFile(
    path.join(directory, 'slow.mjs'),
    `import { once } from 'node:events'
    export default Object.assign(async (app, options) => {
      app.addHook('preHandler', async (request, reply) => {
        if (request.url !== '/left') return
        options.held({ closed: once(reply.raw, 'close') })
        await options.released
      })
    }, { [Symbol.for('skip-override')]: true })`
  )
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: hold, resolve: held } = Promise.withResolvers<{ closed: Promise<unknown> }>()
  const service = await upstream(t)
  const gateway = await build(
    t,
    {
      upstreams: { service: { targets: [service.url] } },
      routes: [{ prefix: '/', upstream: 'service' }],
      plugins: [{ use: './slow.mjs', options: { held, released } }]
    },
    { directory }
  )
  return { gateway, service, hold, release }
}
