import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { type BuildOptions, build, type ConfigInput, type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { nowhere } from '../support/gateway.ts'
import { metricOf, targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'

type Route = NonNullable<ConfigInput['routes']>[number]
type Group = NonNullable<ConfigInput['upstreams']>[string]

interface Setup {
  readonly route?: Partial<Route>
  readonly copy?: Group
  readonly options?: BuildOptions
}

/** A gateway that copies what it sends to the first of these to the second. */
function mirroring(t: TestScope, main: string, copy: string, { route, copy: group, options }: Setup = {}) {
  return build(
    t,
    {
      upstreams: { main: { targets: [main] }, copy: { targets: [copy], ...group } },
      routes: [{ prefix: '/', upstream: 'main', mirror: { upstream: 'copy' }, ...route }]
    },
    options
  )
}

const counted = (result: string) => `evergate_mirrored_total{route="/",upstream="copy",result="${result}"}`

/** Waits until so many copies came to this, and asserts that none came to anything else. */
async function comes(gateway: { readonly adminUrl: string }, expected: Readonly<Record<string, number>>): Promise<void> {
  const results = ['sent', 'dropped', 'too-large', 'failed', 'same', 'different']
  const all = async () =>
    Object.fromEntries(
      (await Promise.all(results.map(async each => [each, await metricOf(gateway, counted(each))] as const))).filter(
        ([, count]) => count !== undefined
      )
    )
  const total = Object.values(expected).reduce((sum, each) => sum + each, 0)
  await until(async () => Object.values(await all()).reduce((sum: number, each) => sum + (each ?? 0), 0) >= total)
  assert.deepEqual(await all(), expected)
}

const json = (value: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value)
})

/** What was logged of differences. */
function differences() {
  const lines: Record<string, unknown>[] = []
  const write = (text: string) => {
    const record = JSON.parse(text)
    if (record.msg === 'a copy was answered differently') lines.push(record)
  }
  return { lines, options: { logger: pino({ level: 'info' }, { write }) } }
}

describe('a copy of a request', () => {
  test('is what the first target got, but for its Host', async t => {
    const main = await upstream(t, { body: 'main' })
    const copy = await upstream(t, { body: 'copy' })
    const { url } = await mirroring(t, main.url, copy.url, {
      route: { prefix: '/shop', rewrite: '/v2', transform: { request: { set: { 'x-own': 'yes' } } } }
    })
    const answer = await ask(`${url}/shop/x?a=b`, {
      method: 'POST',
      headers: { 'x-client': 'c', te: 'trailers' },
      body: 'hello'
    })
    assert.equal(answer.text, 'main')
    const [sent, copied] = [await main.arrived(1), await copy.arrived(1)]
    await copied.ended
    assert.deepEqual([copied.method, copied.url, copied.body.toString()], ['POST', '/v2/x?a=b', 'hello'])
    const { host, ...fields } = copied.headers
    const { host: mainHost, ...mainFields } = sent.headers
    assert.deepEqual(fields, mainFields)
    assert.deepEqual([host, mainHost], [new URL(copy.url).host, new URL(main.url).host])
    assert.equal(fields['x-own'], 'yes')
  })

  test('keeps the Host that the client asked for where the route does', async t => {
    const main = await upstream(t)
    const copy = await upstream(t)
    const { url } = await mirroring(t, main.url, copy.url, { route: { hostHeader: 'client' } })
    await ask(url, { headers: { host: 'shop.example' } })
    assert.equal((await copy.arrived(1)).headers.host, 'shop.example')
  })

  test('has no body where the request has none', async t => {
    const copy = await upstream(t)
    const gateway = await mirroring(t, (await upstream(t)).url, copy.url)
    assert.equal((await ask(gateway.url)).status, 200)
    assert.equal((await copy.arrived(1)).headers['content-length'], undefined)
    await comes(gateway, { sent: 1 })
  })

  test('is not made of a body above body.buffer, whose request goes its way', async t => {
    const main = await upstream(t)
    const copy = await upstream(t)
    const gateway = await mirroring(t, main.url, copy.url, { route: { body: { buffer: '10b' } } })
    for (const length of [10, 11]) await ask(gateway.url, { method: 'POST', body: 'x'.repeat(length) })
    const chunked = { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body: 'x'.repeat(11) }
    assert.equal((await ask(gateway.url, chunked)).status, 200)
    assert.deepEqual(
      main.executed.map(({ body }) => body.length),
      [10, 11, 11]
    )
    await comes(gateway, { sent: 1, 'too-large': 2 })
    assert.equal(copy.requests.length, 1)
  })

  test('goes to each group of a list', async t => {
    const [main, one, two] = [await upstream(t), await upstream(t), await upstream(t)]
    const { url } = await build(t, {
      upstreams: { main: { targets: [main.url] }, one: { targets: [one.url] }, two: { targets: [two.url] } },
      routes: [{ prefix: '/', upstream: 'main', mirror: [{ upstream: 'one' }, { upstream: 'two', share: 1 }] }]
    })
    await ask(url)
    await Promise.all([one.arrived(1), two.arrived(1)])
  })

  test('is made of the share that is drawn', async t => {
    const copy = await upstream(t)
    // Each request draws more than once: what is drawn for the copy is the first of each.
    const options = { random: () => 0.1 }
    const never = await mirroring(t, (await upstream(t)).url, copy.url, {
      route: { mirror: { upstream: 'copy', share: 0.1 } },
      options
    })
    await ask(never.url)
    const always = await mirroring(t, (await upstream(t)).url, copy.url, {
      route: { mirror: { upstream: 'copy', share: 0.11 } },
      options
    })
    await ask(always.url)
    await comes(always, { sent: 1 })
    assert.equal(copy.requests.length, 1)
  })

  test('is made once, however often the request is tried', async t => {
    const main = await upstream(t, [{ status: 503 }, { status: 503 }, { body: 'third' }])
    const copy = await upstream(t)
    const gateway = await mirroring(t, main.url, copy.url)
    assert.equal((await ask(gateway.url)).text, 'third')
    await comes(gateway, { sent: 1 })
    assert.equal(copy.requests.length, 1)
  })

  test('goes on when the client has left', async t => {
    const main = await upstream(t, 'hang')
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    const copy = await upstream(t, async (_request, response) => {
      await opened
      response.end()
    })
    const gateway = await mirroring(t, main.url, copy.url)
    const leaving = new AbortController()
    const asked = fetch(gateway.url, { signal: leaving.signal })
    await copy.arrived(1)
    leaving.abort()
    await assert.rejects(asked)
    await (await main.arrived(1)).ended
    open()
    await comes(gateway, { sent: 1 })
    assert.equal(copy.requests[0]?.aborted, false)
  })
})

describe('a mirror never delays or fails a request', () => {
  test('whatever it does', async t => {
    const main = await upstream(t, { body: 'main' })
    const bad = await upstream(t, ['reset', { body: 'x'.repeat(100), cutAfter: 10 }, { status: 500 }, 'hang'])
    const gateway = await mirroring(t, main.url, bad.url, { copy: { breaker: false, outliers: false } })
    for (let i = 1; i <= 4; i++) {
      assert.equal((await ask(gateway.url)).text, 'main')
      await bad.arrived(i)
    }
    // Nothing is tried again, and what hangs is still under way.
    await comes(gateway, { failed: 2, sent: 1 })
    assert.equal(bad.requests.length, 4)
  })

  test('when nobody listens, which its own policies learn from', async t => {
    const main = await upstream(t, { body: 'main' })
    const gateway = await mirroring(t, main.url, nowhere, { copy: { outliers: { consecutive: 2 }, failover: { panic: 0 } } })
    for (let i = 1; i <= 2; i++) {
      assert.equal((await ask(gateway.url)).text, 'main')
      await comes(gateway, { failed: i })
    }
    const [mainView, copyView] = await targetsOf(gateway)
    assert.deepEqual([mainView?.failures, copyView?.failures, copyView?.requests], [0, 2, 2])
    assert.equal(await metricOf(gateway, 'evergate_attempts_total{upstream="copy",target="127.0.0.1:1",outcome="refused"}'), 2)
  })

  test('when none of its targets is eligible: the copy is dropped', async t => {
    const copy = await upstream(t)
    const gateway = await mirroring(t, (await upstream(t, { body: 'main' })).url, copy.url)
    const { host } = new URL(copy.url)
    await fetch(`${gateway.adminUrl}/api/upstreams/copy/targets/${host}/drain`, { method: 'POST' })
    assert.equal((await ask(gateway.url)).text, 'main')
    await comes(gateway, { dropped: 1 })
    assert.equal(copy.requests.length, 0)
  })

  test('when its group has as many under way as it takes: the copy is dropped, and gives its place back', async t => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    const copy = await upstream(t, async (_request, response) => {
      await opened
      response.end()
    })
    const main = await upstream(t, { body: 'main' })
    const gateway = await mirroring(t, main.url, copy.url, { copy: { limits: { concurrency: 1 } } })
    assert.equal((await ask(gateway.url)).text, 'main')
    await copy.arrived(1)
    assert.equal((await ask(gateway.url)).text, 'main')
    await comes(gateway, { dropped: 1 })
    open()
    await comes(gateway, { dropped: 1, sent: 1 })
    await ask(gateway.url)
    await comes(gateway, { dropped: 1, sent: 2 })
  })

  test('when it answers without end: no more than a bound is read', async t => {
    const copy = await upstream(t, (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024)
      const more = () => {
        while (!response.destroyed && response.write(chunk)) {}
      }
      response.on('drain', more)
      more()
    })
    const gateway = await mirroring(t, (await upstream(t, { body: 'main' })).url, copy.url)
    assert.equal((await ask(gateway.url)).text, 'main')
    await comes(gateway, { sent: 1 })
    await (await copy.arrived(1)).ended
    assert.equal(copy.requests[0]?.aborted, true)
    assert.equal((await targetsOf(gateway))[1]?.failures, 0)
  })

  test('when its answer never ends: it is left when the time of the route is over', async t => {
    const copy = await upstream(t, (_request, response) => void response.write('data: 1\n\n'))
    const gateway = await mirroring(t, (await upstream(t, { body: 'main' })).url, copy.url, { route: { timeout: '200ms' } })
    assert.equal((await ask(gateway.url)).text, 'main')
    await comes(gateway, { sent: 1 })
    await (await copy.arrived(1)).ended
    assert.equal((await targetsOf(gateway))[1]?.inFlight, 0)
  })
})

describe('answers that are compared', () => {
  /** What one pair of answers comes to. */
  async function compared(
    t: TestScope,
    main: Parameters<typeof upstream>[1],
    copy: Parameters<typeof upstream>[1],
    compare: NonNullable<Exclude<Route['mirror'], false | readonly unknown[] | undefined>['compare']> = true
  ) {
    const { lines, options } = differences()
    const [first, second] = [await upstream(t, main), await upstream(t, copy)]
    const gateway = await mirroring(t, first.url, second.url, { route: { mirror: { upstream: 'copy', compare } }, options })
    const answer = await ask(`${gateway.url}/x`)
    return { answer, lines, gateway, target: new URL(second.url).host }
  }

  test('are the same where only ignored fields differ', async t => {
    const one = json({ id: 7, meta: { time: 1, by: 'a' }, items: [{ at: 1, n: 1 }] })
    const other = json({ items: [{ n: 1, at: 2 }], meta: { by: 'a', time: 2 }, id: 7 })
    const { gateway, lines } = await compared(t, one, other, { ignore: ['at', '$.meta.time'] })
    await comes(gateway, { same: 1 })
    assert.deepEqual(lines, [])
  })

  test('differ by status and by paths: one line, and no value in it', async t => {
    const { gateway, lines, target, answer } = await compared(t, json({ token: 'first-secret', list: [1, 2], same: 1 }), {
      status: 500,
      ...json({ token: 'second-secret', list: [1], same: 1 })
    })
    await comes(gateway, { different: 1 })
    await until(() => lines.length > 0)
    const [{ level, time, pid, hostname, ...line } = {}] = lines
    assert.deepEqual(line, {
      id: answer.headers['x-request-id'],
      route: '/',
      upstream: 'copy',
      target,
      status: [200, 500],
      paths: ['$.token', '$.list.1'],
      msg: 'a copy was answered differently'
    })
    assert.doesNotMatch(JSON.stringify(lines), /secret"/)
  })

  test('are compared when the first streams, and the client gets it as it is', async t => {
    const streamed = (value: unknown) => async (_request: unknown, response: import('node:http').ServerResponse) => {
      const text = JSON.stringify(value)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write(text.slice(0, 5))
      await new Promise(resolve => setImmediate(resolve))
      setTimeout(() => response.end(text.slice(5)), 20)
    }
    const value = { list: Array.from({ length: 1000 }, (_each, index) => index) }
    const same = await compared(t, streamed(value), json(value))
    assert.deepEqual(JSON.parse(same.answer.text), value)
    await comes(same.gateway, { same: 1 })
    const different = await compared(t, streamed(value), json({ list: [] }))
    assert.deepEqual(JSON.parse(different.answer.text), value)
    await comes(different.gateway, { different: 1 })
  })

  test('do not keep a stream from ending with its client, or from breaking with its target', async t => {
    const { promise: opened, resolve: breakOff } = Promise.withResolvers<void>()
    const main = await upstream(t, [
      (_request, response) => void response.write('data: 1\n\n'),
      async (_request, response) => {
        response.write('data: 1\n\n')
        await opened
        response.destroy()
      }
    ])
    const copy = await upstream(t)
    const gateway = await mirroring(t, main.url, copy.url, { route: { mirror: { upstream: 'copy', compare: true } } })
    const leaving = new AbortController()
    const first = await fetch(gateway.url, { signal: leaving.signal })
    leaving.abort()
    await assert.rejects(first.text())
    await (await main.arrived(1)).ended
    assert.equal(main.requests[0]?.aborted, true)
    await comes(gateway, { sent: 1 })
    const second = await fetch(gateway.url)
    breakOff()
    await assert.rejects(second.text())
    await comes(gateway, { sent: 2 })
  })

  test('may be compressed, one or both', async t => {
    const value = { a: 'x'.repeat(1000) }
    const zipped = {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(value))
    }
    const { gateway, answer } = await compared(t, zipped, json(value))
    assert.equal(answer.headers['content-encoding'], 'gzip')
    await comes(gateway, { same: 1 })
  })

  test('are compared by status alone where they are no JSON', async t => {
    await comes((await compared(t, { body: 'one' }, { body: 'other' })).gateway, { same: 1 })
    await comes((await compared(t, { body: 'one' }, { status: 404 })).gateway, { different: 1 })
  })

  test('are not judged where one is too long, or is none', async t => {
    const long = json({ long: 'x'.repeat(300 * 1024) })
    await comes((await compared(t, long, json({}))).gateway, { sent: 1 })
    await comes((await compared(t, 'reset', json({}))).gateway, { sent: 1 })
    await comes((await compared(t, json({}), 'reset')).gateway, { failed: 1 })
  })
})

describe('a copy whose answer is compared, beside a cache', () => {
  test('leaves it to the cache what is asked of the service', async t => {
    const main = await upstream(t, (request, response) => {
      const isNew = request.headers['if-none-match'] === '"new"'
      const first = main.requests.length === 1
      response.writeHead(isNew ? 304 : 200, { etag: first ? '"old"' : '"new"', 'cache-control': `max-age=${first ? 0 : 60}` })
      response.end(isNew ? undefined : first ? 'old' : 'new')
    })
    const copy = await upstream(t)
    const route = { cache: true, mirror: { upstream: 'copy', compare: true } }
    const { url } = await mirroring(t, main.url, copy.url, { route })
    assert.equal((await ask(url)).text, 'old')
    // What one client has says nothing of what is stored.
    assert.equal((await ask(url, { headers: { 'if-none-match': '"new"' } })).status, 200)
    assert.equal(main.requests[1]?.headers['if-none-match'], '"old"')
    assert.equal((await ask(url)).text, 'new')
  })
})
