import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { exchangeOf } from '../../plugins/exchange.ts'
import limiting from '../../plugins/limiting.ts'
import { fixedLimit } from '../../src/limit/adaptive-limit.ts'
import { Admission } from '../../src/limit/admission.ts'
import type { Admitting, Waiting } from '../../src/model/admitting.ts'
import { requestKey } from '../../src/model/request-key.ts'
import type { Route } from '../../src/model/route.ts'
import { Deadlines } from '../../src/time/deadlines.ts'
import { ask } from '../support/ask.ts'
import { until } from '../support/until.ts'
import { group } from '../unit/fixtures/groups.ts'
import { routeTo } from '../unit/fixtures/routes.ts'
import { exchanging } from './bare.ts'

/** Everything up to this plugin, for a group with this admission; `/*` answers when it is let in. */
async function limited(t: TestContext, admission: Admitting | undefined, more: Partial<Route> = {}) {
  const to = group('own', [], admission === undefined ? {} : { admission })
  const app = await exchanging(t, [routeTo('/', to, more)])
  await app.register(limiting, { clock: () => 1000 })
  return app
}

const counts = { limit: 1, inFlight: 0, waiting: 0 }

/** Lets everybody in, and notes who came. */
function open(seen: Waiting[]): Admitting {
  return {
    ...counts,
    enter(waiting) {
      seen.push(waiting)
      waiting.admit()
      return () => {}
    }
  }
}

function oneAtATime(t: TestContext, queue = 5): Admission {
  const deadlines = new Deadlines(() => 1000)
  t.after(() => deadlines.stop())
  return new Admission({ limit: fixedLimit(1), queue, queueMs: 10_000 }, deadlines, () => {})
}

describe('a group without a limit', () => {
  test('lets everybody in', async t => {
    const app = await limited(t, undefined)
    app.get('/*', async () => 'in')
    assert.equal((await app.inject('/')).body, 'in')
  })
})

describe('the priority of a request', () => {
  const byHeader = requestKey('header:x-class')
  assert.ok(byHeader)
  for (const [what, more, headers, priority] of [
    ['is default where the route says nothing', {}, {}, 'default'],
    ['is that of its route', { priority: 'low' }, {}, 'low'],
    ['is what the header says', { priority: byHeader }, { 'x-class': 'critical' }, 'critical'],
    ['is default without the header', { priority: byHeader }, {}, 'default'],
    ['is default where the header says anything else', { priority: byHeader }, { 'x-class': 'CRITICAL!' }, 'default']
  ] as const satisfies readonly (readonly [string, Partial<Route>, Record<string, string>, string])[]) {
    test(what, async t => {
      const seen: Waiting[] = []
      const app = await limited(t, open(seen), more)
      app.get('/*', async () => 'in')
      await app.inject({ url: '/', headers })
      assert.deepEqual(
        seen.map(each => each.priority),
        [priority]
      )
    })
  }
})

describe('a request', () => {
  test('that is shed is 503 with a time to come back', async t => {
    const app = await limited(t, {
      ...counts,
      enter(waiting) {
        waiting.shed()
        return () => {}
      }
    })
    app.get('/*', async () => assert.fail('it is not let in'))
    const response = await app.inject('/')
    assert.deepEqual([response.statusCode, response.json().code], [503, 'EG_OVERLOADED'])
    assert.equal(response.headers['retry-after'], '1')
  })

  test('leaves when its answer is out, whoever answered it', async t => {
    const admission = oneAtATime(t)
    const app = await limited(t, admission)
    app.get('/*', async () => {
      assert.equal(admission.inFlight, 1)
      return 'in'
    })
    app.get('/broken', async () => {
      throw new Error('broken')
    })
    for (const [path, status] of [
      ['/', 200],
      ['/broken', 500],
      ['/', 200]
    ] as const) {
      assert.equal((await app.inject(path)).statusCode, status)
      assert.equal(admission.inFlight, 0)
    }
  })

  test('may leave earlier by what stands in its exchange', async t => {
    const admission = oneAtATime(t)
    const app = await limited(t, admission)
    app.get('/*', async request => {
      exchangeOf(request).leave?.(1000)
      assert.equal(admission.inFlight, 0)
      return 'in'
    })
    assert.equal((await app.inject('/')).body, 'in')
    assert.equal(admission.inFlight, 0)
  })
})

describe('a client that leaves', () => {
  test('while it waits gives its place in the queue back', async t => {
    const admission = oneAtATime(t)
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const app = await limited(t, admission)
    let served = 0
    app.get('/*', async () => {
      served++
      await released
      return 'in'
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    // A server that listens on a host and port has an AddressInfo.
    const { port } = app.server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}/`
    const first = ask(url)
    while (served < 1) await once(app.server, 'request')
    const gone = request(url, { agent: false }).on('error', () => {})
    gone.end()
    const [, response] = await once(app.server, 'request')
    const closed = once(response, 'close')
    await until(() => admission.waiting === 1)
    gone.destroy()
    await closed
    assert.deepEqual([admission.inFlight, admission.waiting], [1, 0])
    release()
    assert.equal((await first).text, 'in')
    assert.equal(served, 1)
    await until(() => admission.inFlight === 0)
  })

  test('before it comes here takes no place, of which nobody would hear', async t => {
    const admission = oneAtATime(t)
    const app = await exchanging(t, [routeTo('/', group('own', [], { admission }))])
    const held = Promise.withResolvers<void>()
    const past = Promise.withResolvers<void>()
    app.addHook('preHandler', () => held.promise)
    await app.register(limiting, { clock: () => 1000 })
    app.addHook('preHandler', async () => past.resolve())
    app.get('/*', async () => 'in')
    await app.listen({ host: '127.0.0.1', port: 0 })
    // As above.
    const { port } = app.server.address() as AddressInfo
    const gone = request(`http://127.0.0.1:${port}/`, { agent: false }).on('error', () => {})
    gone.end()
    const [, response] = await once(app.server, 'request')
    const closed = once(response, 'close')
    gone.destroy()
    await closed
    held.resolve()
    await past.promise
    assert.deepEqual([admission.inFlight, admission.waiting], [0, 0])
  })
})
