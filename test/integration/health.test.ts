import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type TestGateway, type TestScope, type Upstream, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { type TargetView, targetsOf } from '../support/operator.ts'

/** Checks that find out soon. */
const health = { path: '/health', interval: '50ms', timeout: '5s', fall: 2, rise: 2 } as const

/** A service that answers its name, and to checks what its mood says. */
async function moody(t: TestScope, name: string, headers: Readonly<Record<string, string>> = {}) {
  const mood = { status: 200, body: '{"status":"ok"}', hangs: false }
  const service: Upstream = await upstream(t, (request, response) => {
    if (request.url !== '/health') response.writeHead(200, headers).end(name)
    else if (!mood.hangs) response.writeHead(mood.status).end(mood.body)
  })
  const asked = () => service.requests.filter(({ url }) => url !== '/health').length
  return { mood, service, url: service.url, asked }
}

/** Resolves when every one of these targets of the only group is in that state; at once when it is so already. */
async function becomes({ gateway }: TestGateway, state: string, ...urls: readonly string[]): Promise<void> {
  const [running] = gateway.registry.groups
  const gate = running?.health
  assert.ok(running !== undefined && gate !== undefined)
  const targets = running.group.targets.filter(({ url }) => urls.includes(url))
  const holds = () => targets.length === urls.length && targets.every(target => gate.healthOf(target).state === state)
  if (holds()) return
  await new Promise<void>(resolve => gate.onChange(() => holds() && resolve()))
}

interface CheckedView extends TargetView {
  readonly health: string
  readonly lastCheck: string | null
  readonly telemetry: object | null
}

async function checkedOf(running: TestGateway): Promise<CheckedView[]> {
  // The form is the contract of that path.
  return (await targetsOf(running)) as CheckedView[]
}

const answersOf = async (url: string, count: number) =>
  new Set(await Promise.all(Array.from({ length: count }, async () => (await ask(url)).text)))

describe('a group whose targets are checked', () => {
  test('takes one out without a failed request, and back when it passes again', async t => {
    const a = await moody(t, 'a')
    const b = await moody(t, 'b')
    const running = await gatewayTo(t, [a.url, b.url], { group: { health, balance: 'round-robin', slowStart: '0ms' } })
    await becomes(running, 'passing', a.url, b.url)
    assert.deepEqual(await answersOf(running.url, 4), new Set(['a', 'b']))
    a.mood.status = 500
    await becomes(running, 'failing', a.url)
    const before = a.asked()
    assert.deepEqual(await answersOf(running.url, 20), new Set(['b']))
    assert.equal(a.asked(), before)
    a.mood.status = 200
    await becomes(running, 'passing', a.url)
    assert.deepEqual(await answersOf(running.url, 4), new Set(['a', 'b']))
  })

  test('says why one is out, and what the last check came to', async t => {
    const a = await moody(t, 'a')
    const running = await gatewayTo(t, [a.url, nowhere], { group: { health } })
    await becomes(running, 'passing', a.url)
    await becomes(running, 'failing', nowhere)
    const [one, other] = await checkedOf(running)
    assert.deepEqual([one?.eligible, one?.why, one?.health, one?.lastCheck], [true, null, 'passing', 'status 200'])
    assert.deepEqual([other?.eligible, other?.health, other?.lastCheck], [false, 'failing', 'connection refused'])
    assert.match(other?.why ?? '', /^health: .*connection refused$/)
  })

  test('finds one that accepts connections and never answers', async t => {
    const a = await moody(t, 'a')
    const b = await moody(t, 'b')
    a.mood.hangs = true
    const running = await gatewayTo(t, [a.url, b.url], { group: { health: { ...health, timeout: '100ms' } } })
    await becomes(running, 'failing', a.url)
    await becomes(running, 'passing', b.url)
    assert.deepEqual(await answersOf(running.url, 10), new Set(['b']))
  })

  test('uses all of them where all seem to fail', async t => {
    const a = await moody(t, 'a')
    const b = await moody(t, 'b')
    a.mood.status = b.mood.status = 503
    const running = await gatewayTo(t, [a.url, b.url], { group: { health, balance: 'round-robin' } })
    await becomes(running, 'failing', a.url, b.url)
    assert.deepEqual(await answersOf(running.url, 10), new Set(['a', 'b']))
  })

  test('uses none of them then, where that is the choice', async t => {
    const a = await moody(t, 'a')
    a.mood.status = 503
    const running = await gatewayTo(t, [a.url], { group: { health, failover: { panic: 0 } } })
    await becomes(running, 'failing', a.url)
    assert.equal((await askProblem(running.url)).code, 'EG_NO_TARGET')
    assert.equal(a.asked(), 0)
  })

  test('shows what its targets say of themselves, in checks and in answers', async t => {
    const a = await moody(t, 'a', { 'endpoint-load-metrics': 'TEXT cpu_utilization=0.75' })
    a.mood.body = '{"cpu":0.25,"memory":0.5,"latency":12,"inFlight":3}'
    const running = await gatewayTo(t, [a.url], { group: { health: { ...health, interval: '1h' } } })
    await becomes(running, 'passing', a.url)
    assert.deepEqual((await checkedOf(running))[0]?.telemetry, { cpu: 0.25, memory: 0.5, latency: 12, inFlight: 3 })
    await ask(running.url)
    assert.deepEqual((await checkedOf(running))[0]?.telemetry, { cpu: 0.75, memory: 0.5, latency: 12, inFlight: 3 })
  })

  test('does not count checks as requests', async t => {
    const a = await moody(t, 'a')
    a.mood.status = 500
    const running = await gatewayTo(t, [a.url], { group: { health, breaker: {} } })
    await becomes(running, 'failing', a.url)
    await a.service.arrived(20)
    const [one] = await targetsOf(running)
    assert.deepEqual([one?.requests, one?.failures, one?.inFlight, one?.breaker], [0, 0, 0, 'closed'])
  })

  test('asks nobody any more once the gateway is closed', async t => {
    const a = await moody(t, 'a')
    const running = await gatewayTo(t, [a.url], { group: { health } })
    await becomes(running, 'passing', a.url)
    await running.close()
    await a.service.disconnected()
    const [group] = running.gateway.registry.groups
    assert.deepEqual(
      group?.group.targets.map(target => group.health.healthOf(target).state),
      ['off']
    )
  })

  test('can be checked by connections alone', async t => {
    const a = await moody(t, 'a')
    a.mood.status = 500
    const running = await gatewayTo(t, [a.url, nowhere], { group: { health: { ...health, type: 'tcp' } } })
    await becomes(running, 'passing', a.url)
    await becomes(running, 'failing', nowhere)
    assert.equal(a.service.requests.length, 0)
  })
})
