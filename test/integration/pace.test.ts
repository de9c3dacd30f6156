import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fakeClock, type TestGateway, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { stall } from '../support/stall.ts'
import { until } from '../support/until.ts'
import { answering, wireServer, wireTo } from '../support/wire.ts'

const headOf = (length: number) => `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`

async function assertBlameless(gateway: TestGateway): Promise<void> {
  for (const { inFlight, failures } of await targetsOf(gateway)) assert.deepEqual([inFlight, failures], [0, 0])
}

describe('a client that sends slowly', () => {
  test('a body to be kept is told so, and no upstream is bothered', async t => {
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { body: { timeout: '100ms' } } })
    const wire = await wireTo(t, gateway.port)
    wire.send(`${headOf(10)}half`)
    await wire.until(/^HTTP\/1\.1 408 .*"EG_CLIENT_TIMEOUT"/s)
    assert.equal(service.requests.length, 0)
    await assertBlameless(gateway)
  })

  test('a body that streams is told so, and the upstream is nobody to blame', async t => {
    const service = await wireServer(t, () => {})
    const gateway = await gatewayTo(t, [service.url], {
      group: { timeouts: { response: '50ms', idle: '50ms' } },
      route: { timeout: '50ms', body: { timeout: '300ms', buffer: '1kb' } }
    })
    const wire = await wireTo(t, gateway.port)
    wire.send(`${headOf(100_000)}${'x'.repeat(5000)}`)
    await wire.until(/^HTTP\/1\.1 408 .*"EG_CLIENT_TIMEOUT"/s)
    await service.wires[0]?.closed
    await assertBlameless(gateway)
  })

  test('has all the time it needs where the operator gives it', async t => {
    const clock = fakeClock()
    const service = await upstream(t, ['hang', {}])
    const gateway = await gatewayTo(t, [service.url], { options: { clock }, route: { body: { timeout: 0 } } })
    const wire = await wireTo(t, gateway.port)
    wire.send(`${headOf(10)}half`)
    const other = askProblem(gateway.url, { method: 'POST', body: 'x' })
    await service.arrived(1)
    // All that is under way is looked at together: the other one is out of time, the slow client is not.
    clock.advance(3_600_000)
    assert.equal((await other).code, 'EG_TIMEOUT')
    wire.send('-whole')
    await wire.until(/HTTP\/1\.1 200/)
    assert.equal(service.executed.at(-1)?.body.toString(), 'half-whole')
  })
})

describe('a client that reads slowly', () => {
  test('makes the upstream wait, and is nobody to blame for', async t => {
    const clock = fakeClock()
    const size = 32 << 20
    let written = () => 0
    const service = await upstream(t, ({ method, url }, response) => {
      if (url === '/large') {
        written = () => (response.socket?.bytesWritten ?? 0) - response.writableLength
        response.end(Buffer.alloc(size, 'x'))
      } else if (method === 'GET') response.end()
    })
    const gateway = await gatewayTo(t, [service.url], { options: { clock } })
    const wire = await wireTo(t, gateway.port)
    wire.socket.pause()
    wire.send('GET /large HTTP/1.1\r\nhost: a\r\n\r\n')
    await stall(
      () => written(),
      () => ask(gateway.url)
    )
    const before = service.requests.length
    const other = askProblem(gateway.url, { method: 'POST', body: 'x' })
    await service.arrived(before + 1)
    clock.advance(3_600_000)
    assert.equal((await other).code, 'EG_TIMEOUT')
    wire.socket.resume()
    const bodyBytes = () => wire.text.length - wire.text.indexOf('\r\n\r\n') - 4
    while (wire.text.length < size || bodyBytes() < size) await once(wire.socket, 'data')
    assert.equal(bodyBytes(), size)
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.inFlight, target?.failures], [0, 1])
  })
})

describe('an upstream that stalls', () => {
  test('in a streamed answer is cut after the idle time, and has failed', async t => {
    const service = await wireServer(t, answering('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'))
    const gateway = await gatewayTo(t, [service.url], { group: { timeouts: { idle: '100ms' } } })
    const wire = await wireTo(t, gateway.port)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    assert.match(await wire.all(), /\r\n\r\n4\r\nhalf\r\n$/)
    await service.wires[0]?.closed
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.inFlight, target?.failures], [0, 1])
  })

  test('in a short answer is left for another', async t => {
    const slow = await wireServer(t, answering('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'))
    const good = await upstream(t, { body: 'good' })
    const { url } = await gatewayTo(t, [slow.url, good.url], { group: { timeouts: { idle: '100ms' } } })
    assert.equal((await ask(url)).text, 'good')
  })

  test('while it takes a body is out of time with the route', async t => {
    const service = await wireServer(t, wire => wire.socket.pause())
    const gateway = await gatewayTo(t, [service.url], { route: { timeout: '150ms', body: { max: '64mb', timeout: 0 } } })
    const problem = await askProblem(gateway.url, { method: 'POST', body: Buffer.alloc(1 << 20) })
    assert.equal(problem.code, 'EG_TIMEOUT')
  })
})

describe('while the client still sends', () => {
  const refusal = 'HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig'

  test("an upstream's early refusal comes through whole, and blames nobody", async t => {
    const early = await wireServer(t, async wire => {
      await wire.until(/\r\n\r\n/)
      wire.send(refusal)
    })
    const gateway = await gatewayTo(t, [early.url], { route: { body: { max: '64mb' } } })
    for (const body of [Buffer.alloc(16 << 20), Buffer.alloc(100_000)]) {
      const { status, text } = await ask(gateway.url, { method: 'POST', body })
      assert.deepEqual([status, text], [413, 'big'])
    }
    await assertBlameless(gateway)
  })

  test("the gateway's own refusal comes through whole", async t => {
    const service = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { route: { body: { max: '1mb' } } })
    const body = Buffer.alloc(8 << 20)
    assert.equal((await askProblem(url, { method: 'POST', body })).code, 'EG_BODY_TOO_LARGE')
    const chunked = await askProblem(url, { method: 'POST', body, headers: { 'transfer-encoding': 'chunked' } })
    assert.equal(chunked.code, 'EG_BODY_TOO_LARGE')
    assert.equal(service.executed.length, 0)
    assert.equal((await askProblem(`${url}/%zz`, { method: 'POST', body })).code, 'EG_BAD_REQUEST')
  })

  test('a body that is too large is counted, and goes on where the route only observes', async t => {
    const service = await upstream(t, { body: 'ok' })
    for (const mode of ['enforce', 'observe'] as const) {
      const gateway = await gatewayTo(t, [service.url], { route: { body: { max: '10b' }, mode } })
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
        const { status } = await ask(gateway.url, { method: 'POST', body: 'more than that', headers })
        assert.equal(status, mode === 'observe' ? 200 : 413)
      }
      await ask(gateway.url, { method: 'POST', body: 'less' })
      await until(async () => (await metricOf(gateway, 'evergate_body_too_large_total{route="/"}')) === 2)
    }
    assert.equal(service.executed.length, 4)
  })

  test('a refusal leaves the connection usable once all of the request has come', async t => {
    const service = await upstream(t, { body: 'next' })
    const { port } = await gatewayTo(t, [service.url], { route: { body: { max: '1kb' } } })
    const wire = await wireTo(t, port)
    wire.send(`${headOf(4000)}${'x'.repeat(2000)}`)
    await wire.until(/"EG_BODY_TOO_LARGE"/)
    wire.send(`${'x'.repeat(2000)}GET / HTTP/1.1\r\nhost: a\r\n\r\n`)
    await wire.until(/\r\n\r\nnext$/)
  })

  test('a refusal leaves no timer behind when the client goes', async t => {
    const timers = () => process.getActiveResourcesInfo().filter(each => each === 'Timeout').length
    const before = timers()
    const service = await upstream(t)
    const gateway = await gatewayTo(t, [service.url], { route: { body: { max: '1kb' } } })
    const wire = await wireTo(t, gateway.port)
    wire.send(`${headOf(4000)}${'x'.repeat(2000)}`)
    await wire.until(/"EG_BODY_TOO_LARGE"/)
    await gateway.close()
    // The ends of connections are told one turn later.
    await new Promise(resolve => setImmediate(resolve))
    assert.equal(timers(), before)
  })

  test('an answer that streams goes both ways at once', async t => {
    const echo = await upstreamThatEchoes(t)
    const { port } = await gatewayTo(t, [echo.url], { route: { body: { buffer: '1kb' } } })
    const wire = await wireTo(t, port)
    wire.send(`POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n800\r\n${'a'.repeat(0x800)}\r\n`)
    await wire.until(/a{2048}/)
    wire.send('5\r\nlater\r\n')
    await wire.until(/later/)
    wire.send('0\r\n\r\n')
    await wire.until(/\r\n0\r\n\r\n$/)
  })

  test('a body that grows too large during its answer is cut, never ended as if it were whole', async t => {
    const echo = await upstreamThatEchoes(t)
    const gateway = await gatewayTo(t, [echo.url], { route: { body: { buffer: '1kb', max: '4kb' } } })
    const wire = await wireTo(t, gateway.port)
    const chunk = `800\r\n${'a'.repeat(0x800)}\r\n`
    wire.send(`POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`)
    await wire.until(/a{2048}/)
    wire.send(`${chunk}${chunk}0\r\n\r\n`)
    await wire.all()
    await echo.wires[0]?.closed
    assert.doesNotMatch(wire.text, /\r\n0\r\n\r\n$/)
    assert.doesNotMatch(echo.wires[0]?.text ?? '', /\r\n0\r\n\r\n$/)
    await assertBlameless(gateway)
  })
})

/** Sends back every byte of a chunked body as it comes. */
const upstreamThatEchoes = (t: Parameters<typeof wireServer>[0]) =>
  wireServer(t, async wire => {
    await wire.until(/\r\n\r\n/)
    wire.send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    let sent = wire.text.indexOf('\r\n\r\n') + 4
    const echo = () => {
      if (wire.text.length > sent) wire.send(wire.text.slice(sent))
      sent = wire.text.length
    }
    echo()
    wire.socket.on('data', echo)
  })
