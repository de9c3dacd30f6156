import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Handler, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'

const hedge = { after: '20ms', budget: 1 } as const
const won = 'evergate_hedges_total{upstream="service",result="won"}'
const lost = 'evergate_hedges_total{upstream="service",result="lost"}'
const noBudget = 'evergate_hedges_total{upstream="service",result="no budget"}'

/** A gate for handlers: they wait until it opens. */
function gate() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  return { opened, open: () => open() }
}

const answer =
  (body: string, after?: Promise<unknown>): Handler =>
  async (_request, response) => {
    await after
    response.end(body)
  }

describe('a safe request that is slow', () => {
  test('is asked of another target too, whose answer is taken; the first is given up and counts for nobody', async t => {
    const slow = await upstream(t, 'hang')
    const quick = await upstream(t, { body: 'quick' })
    const gateway = await gatewayTo(t, [slow.url, quick.url], { group: { hedge } })
    assert.equal((await ask(gateway.url)).text, 'quick')
    await slow.requests[0]?.ended
    assert.equal(slow.requests[0]?.aborted, true)
    await slow.disconnected()
    assert.deepEqual([slow.requests.length, quick.requests.length], [1, 1])
    const [first, second] = await targetsOf(gateway)
    assert.deepEqual([first?.inFlight, first?.failures, first?.requests], [0, 0, 1])
    assert.deepEqual([second?.inFlight, second?.failures, second?.requests], [0, 0, 1])
    assert.deepEqual([await metricOf(gateway, won), await metricOf(gateway, lost)], [1, undefined])
  })

  test('is answered by the first where that is sooner after all, and the second is given up', async t => {
    const late = gate()
    const slow = await upstream(t, answer('slow', late.opened))
    const slower = await upstream(t, 'hang')
    const gateway = await gatewayTo(t, [slow.url, slower.url], { group: { hedge } })
    const asking = ask(gateway.url)
    const second = await slower.arrived(1)
    late.open()
    assert.equal((await asking).text, 'slow')
    await second.ended
    assert.equal(second.aborted, true)
    const targets = await targetsOf(gateway)
    assert.deepEqual(
      targets.map(({ inFlight, failures, requests }) => [inFlight, failures, requests]),
      [
        [0, 0, 1],
        [0, 0, 1]
      ]
    )
    assert.deepEqual([await metricOf(gateway, won), await metricOf(gateway, lost)], [undefined, 1])
  })

  test('is asked of one other target and no third', async t => {
    const late = gate()
    const services = [await upstream(t, 'hang'), await upstream(t, answer('b', late.opened)), await upstream(t, 'hang')]
    const [first, second, third] = services
    const gateway = await gatewayTo(
      t,
      services.map(({ url }) => url),
      { group: { hedge } }
    )
    const one = ask(gateway.url)
    await second?.arrived(1)
    // By the time that the second attempt of a later request comes, that of the first has been slow for as long.
    const other = ask(gateway.url)
    await second?.arrived(2)
    late.open()
    assert.deepEqual([(await one).text, (await other).text], ['b', 'b'])
    assert.deepEqual([first?.requests.length, second?.requests.length, third?.requests.length], [2, 2, 0])
  })

  test('waits for the second attempt when the first fails meanwhile', async t => {
    for (const failure of ['reset', 503] as const) {
      const failed = gate()
      const good = await upstream(t, answer('good', failed.opened))
      const bad = await upstream(t, async (request, response) => {
        await good.arrived(1)
        if (failure === 'reset') response.socket?.resetAndDestroy()
        else response.writeHead(failure).end('busy')
        await request.ended
        failed.open()
      })
      const third = await upstream(t)
      const { url } = await gatewayTo(t, [bad.url, good.url, third.url], { group: { hedge } })
      const { status, text } = await ask(url)
      assert.deepEqual([status, text], [200, 'good'], `${failure}`)
      assert.equal(third.requests.length, 0)
    }
  })

  test('waits for it even when no further attempt is allowed', async t => {
    const failed = gate()
    const good = await upstream(t, answer('good', failed.opened))
    const bad = await upstream(t, async (request, response) => {
      await good.arrived(1)
      response.writeHead(503).end('busy')
      await request.ended
      failed.open()
    })
    const { url } = await gatewayTo(t, [bad.url, good.url], { group: { hedge, retry: { attempts: 1 } } })
    const { status, text } = await ask(url)
    assert.deepEqual([status, text], [200, 'good'])
  })

  test('has the better of both answers when both fail', async t => {
    const failed = gate()
    const worse = await upstream(t, async (_request, response) => {
      await failed.opened
      response.socket?.resetAndDestroy()
    })
    const bad = await upstream(t, async (request, response) => {
      await worse.arrived(1)
      response.writeHead(503).end('busy')
      await request.ended
      failed.open()
    })
    const gateway = await gatewayTo(t, [bad.url, worse.url], { group: { hedge, retry: { attempts: 2 } } })
    const { status, text } = await ask(gateway.url)
    assert.deepEqual([status, text], [503, 'busy'])
    assert.deepEqual(
      (await targetsOf(gateway)).map(({ failures, inFlight }) => [failures, inFlight]),
      [
        [1, 0],
        [1, 0]
      ]
    )
    assert.equal(await metricOf(gateway, won), undefined)
  })

  test('goes on to a third target when both fail and more attempts are allowed', async t => {
    const worse = await upstream(t, async (_request, response) => void response.writeHead(503).end())
    const bad = await upstream(t, async (_request, response) => {
      await worse.arrived(1)
      response.socket?.resetAndDestroy()
    })
    const good = await upstream(t, { body: 'good' })
    const { url } = await gatewayTo(t, [bad.url, worse.url, good.url], { group: { hedge } })
    assert.equal((await ask(url)).text, 'good')
    assert.deepEqual([bad.requests.length, worse.requests.length, good.requests.length], [1, 1, 1])
  })

  test('is asked of nobody else once its client has left', async t => {
    const slow = await upstream(t, 'hang')
    const other = await upstream(t, 'hang')
    const gateway = await gatewayTo(t, [slow.url, other.url], { group: { hedge: { after: '100ms', budget: 1 } } })
    const leaving = new AbortController()
    const gone = fetch(`${gateway.url}/gone`, { signal: leaving.signal })
    const request = await slow.arrived(1)
    leaving.abort()
    await assert.rejects(gone)
    await request.ended
    const stays = new AbortController()
    const later = fetch(`${gateway.url}/later`, { signal: stays.signal })
    assert.equal((await other.arrived(1)).url, '/later')
    stays.abort()
    await assert.rejects(later)
  })
})

test('what may act twice, and what cannot be sent again, is asked once, however slow', async t => {
  const late = gate()
  const slow = await upstream(t, answer('slow', late.opened))
  const other = await upstream(t, 'hang')
  const { url } = await gatewayTo(t, [slow.url, other.url], { group: { hedge }, route: { body: { buffer: '1kb' } } })
  const once = [
    ask(url, { method: 'POST', body: 'order' }),
    ask(url, { method: 'PUT', body: 'order' }),
    ask(url, { method: 'DELETE' }),
    ask(url, { method: 'QUERY', body: 'x'.repeat(100_000) })
  ]
  await slow.arrived(4)
  // Its second attempt comes after theirs would have.
  const twice = ask(`${url}/get`)
  await other.arrived(1)
  late.open()
  for (const asking of [...once, twice]) assert.equal((await asking).text, 'slow')
  assert.deepEqual(
    other.requests.map(request => request.url),
    ['/get']
  )
})

test('a request with a body that fits the buffer is sent whole to both', async t => {
  const slow = await upstream(t, 'hang')
  const other = await upstream(t, { body: 'other' })
  const { url } = await gatewayTo(t, [slow.url, other.url], { group: { hedge } })
  assert.equal((await ask(url, { method: 'QUERY', body: 'find' })).text, 'other')
  assert.deepEqual(
    [slow, other].map(({ executed }) => executed[0]?.body.toString()),
    ['find', 'find']
  )
})

test('second attempts end with their budget, and requests are as slow as they are then', async t => {
  const late = gate()
  const slow = await upstream(t, answer('slow', late.opened))
  const other = await upstream(t, { body: 'other' })
  const gateway = await gatewayTo(t, [slow.url, other.url], { group: { hedge: { ...hedge, budget: 0 }, outliers: false } })
  for (let i = 0; i < 30; i++) assert.equal((await ask(gateway.url)).text, 'other')
  const asking = ask(gateway.url)
  await until(async () => (await metricOf(gateway, noBudget)) !== undefined)
  late.open()
  assert.equal((await asking).text, 'slow')
  assert.equal(await metricOf(gateway, won), 30)
  assert.equal(other.requests.length, 30)
})
