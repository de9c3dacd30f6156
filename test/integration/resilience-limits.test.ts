import assert from 'node:assert/strict'
import { Agent, get, type IncomingMessage } from 'node:http'
import { describe, test } from 'node:test'
import { Admission } from '../../src/limit/admission.ts'
import { fakeClock, type Handler, type TestGateway, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'
import { until } from '../support/until.ts'

/** Answers the path of each request once `open` is called; then at once. */
function held() {
  const { promise: opened, resolve } = Promise.withResolvers<void>()
  const handler: Handler = async ({ url }, response) => {
    await opened
    response.end(url)
  }
  return { handler, open: () => resolve() }
}

function admissionOf({ gateway }: TestGateway): Admission {
  const admission = gateway.registry.groups[0]?.group.admission
  assert.ok(admission instanceof Admission)
  return admission
}

const shed = (reason: string) => `evergate_shed_total{upstream="service",reason="${reason}"}`

describe('a group with a limit', () => {
  test('lets the next ones wait, and sheds the rest at once', async t => {
    const { handler, open } = held()
    const service = await upstream(t, handler)
    const gateway = await gatewayTo(t, [service.url], {
      group: { limits: { concurrency: 1, queue: 1, queueTime: '60s' } }
    })
    const admission = admissionOf(gateway)
    const first = ask(`${gateway.url}/first`)
    await service.arrived(1)
    const second = ask(`${gateway.url}/second`)
    await until(() => admission.waiting === 1)
    const { status, headers, text } = await ask(`${gateway.url}/third`)
    assert.deepEqual([status, JSON.parse(text).code, headers['retry-after']], [503, 'EG_OVERLOADED', '1'])
    assert.equal(await metricOf(gateway, shed('queue full')), 1)
    assert.equal(service.requests.length, 1)
    open()
    assert.deepEqual([(await first).text, (await second).text], ['/first', '/second'])
    await until(() => admission.inFlight === 0)
    assert.equal(service.requests.length, 2)
  })

  test('sheds who has waited too long', async t => {
    const clock = fakeClock()
    const { handler, open } = held()
    const service = await upstream(t, handler)
    const gateway = await gatewayTo(t, [service.url], {
      options: { clock },
      group: { limits: { concurrency: 1, queueTime: '100ms' } }
    })
    const first = ask(gateway.url)
    await service.arrived(1)
    const second = askProblem(gateway.url)
    await until(() => admissionOf(gateway).waiting === 1)
    clock.advance(100)
    assert.equal((await second)['code'], 'EG_OVERLOADED')
    assert.equal(await metricOf(gateway, shed('waited too long')), 1)
    open()
    assert.equal((await first).status, 200)
    assert.equal(service.requests.length, 1)
  })

  test('serves what is critical first and sheds what may be lost, by a header', async t => {
    const { handler, open } = held()
    const service = await upstream(t, handler)
    const gateway = await gatewayTo(t, [service.url], {
      group: { limits: { concurrency: 1, queue: 2, queueTime: '60s' } },
      route: { priority: { header: 'X-Class' } }
    })
    const admission = admissionOf(gateway)
    const asking = (name: string) => ask(`${gateway.url}/${name}`, { headers: { 'x-class': name } })
    const first = asking('first')
    await service.arrived(1)
    const low = asking('low')
    await until(() => admission.waiting === 1)
    const usual = asking('default')
    await until(() => admission.waiting === 2)
    const critical = asking('critical')
    assert.equal(JSON.parse((await low).text).code, 'EG_OVERLOADED')
    open()
    await Promise.all([first, usual, critical])
    assert.deepEqual(
      service.requests.map(({ url }) => url),
      ['/first', '/critical', '/default']
    )
  })

  test('counts a stream no longer once its answer has begun', async t => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const service = await upstream(t, async ({ url }, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${url}\n\n`)
      await ended
      response.end('data: end\n\n')
    })
    const gateway = await gatewayTo(t, [service.url], { group: { limits: { concurrency: 1, queue: 0 } } })
    const streams: IncomingMessage[] = []
    for (const name of ['a', 'b', 'c']) {
      streams.push(await new Promise(resolve => get(`${gateway.url}/${name}`, { agent: false }, resolve)))
      await until(() => admissionOf(gateway).inFlight === 0)
    }
    end()
    const texts = await Promise.all(streams.map(async stream => Buffer.concat(await stream.toArray()).toString()))
    assert.deepEqual(
      texts,
      ['a', 'b', 'c'].map(name => `data: /${name}\n\ndata: end\n\n`)
    )
    assert.equal(admissionOf(gateway).inFlight, 0)
  })

  test('gets the places back of clients that leave, waiting or served', async t => {
    const service = await upstream(t, ['hang', { body: 'served' }])
    const gateway = await gatewayTo(t, [service.url], { group: { limits: { concurrency: 1, queueTime: '60s' } } })
    const admission = admissionOf(gateway)
    const leaving = new AbortController()
    const gone = [fetch(gateway.url, { signal: leaving.signal })]
    await service.arrived(1)
    for (let i = 0; i < 3; i++) gone.push(fetch(gateway.url, { signal: leaving.signal }))
    await until(() => admission.waiting === 3)
    leaving.abort()
    for (const each of await Promise.allSettled(gone)) assert.equal(each.status, 'rejected')
    await until(() => admission.inFlight === 0 && admission.waiting === 0)
    assert.equal((await ask(gateway.url)).text, 'served')
  })

  test('has no place taken by a client that left before, while a plugin was at work', async t => {
    const service = await upstream(t, { body: 'served' })
    const gateway = await gatewayTo(t, [service.url], {
      group: { limits: { concurrency: 1, queue: 0 } },
      options: { directory: import.meta.dirname },
      plugins: [{ use: './resilience-slow-plugin.ts' }]
    })
    const leaving = new AbortController()
    const gone = fetch(gateway.url, { signal: leaving.signal, headers: { 'x-slow': 'until gone' } })
    await until(async () => (await ask(`${gateway.url}/held`)).headers['x-held'] === '1')
    leaving.abort()
    await assert.rejects(gone)
    await until(async () => (await ask(`${gateway.url}/held`)).headers['x-held'] === '0')
    assert.equal(admissionOf(gateway).inFlight, 0)
    assert.equal((await ask(gateway.url)).text, 'served')
  })

  test('that is found serves as any other', async t => {
    const service = await upstream(t, { body: 'served' })
    const gateway = await gatewayTo(t, [service.url], { group: { limits: { concurrency: 'adaptive' } } })
    const agent = new Agent({ keepAlive: true })
    t.after(() => agent.destroy())
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(gateway.url, { agent })))
    assert.ok(answers.every(({ status }) => status === 200))
    await until(() => admissionOf(gateway).inFlight === 0)
    assert.ok(admissionOf(gateway).limit >= 4)
  })
})

test('a target gets no more at once than its limit says; when all are full the rest is shed', async t => {
  const { handler, open } = held()
  const one = await upstream(t, handler)
  const other = await upstream(t, handler)
  const { url } = await gatewayTo(t, [one.url, other.url], { group: { limits: { perTarget: 2 } } })
  const asking = []
  for (const [service, count] of [
    [one, 1],
    [one, 2],
    [other, 1],
    [other, 2]
  ] as const) {
    asking.push(ask(url))
    await service.arrived(count)
  }
  const { status, headers, text } = await ask(url)
  assert.deepEqual([status, JSON.parse(text).code, headers['retry-after']], [503, 'EG_OVERLOADED', '1'])
  open()
  assert.deepEqual(
    (await Promise.all(asking)).map(each => each.status),
    [200, 200, 200, 200]
  )
  assert.deepEqual([one.requests.length, other.requests.length], [2, 2])
  assert.equal((await ask(url)).status, 200)
})
