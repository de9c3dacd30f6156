import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { build, type ConfigInput, type Upstream, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { evergate } from '../support/evergate.ts'
import { targetsOf } from '../support/operator.ts'
import { temporary } from '../support/temporary.ts'

type Plugins = NonNullable<ConfigInput['plugins']>

/** The text of a plugin that does this with `app` and `options`, for the routes that it is given. */
const plugin = (body: string) =>
  `export default Object.assign(async (app, options) => { ${body} }, { [Symbol.for('skip-override')]: true })`

/** A gateway with plugins written for the test, and two routes: `/named` lists `named`, `/other` nothing. */
async function gatewayWith(t: TestContext, targets: readonly Upstream[], files: Record<string, string>, plugins: Plugins) {
  const directory = await temporary(t)
  for (const [name, body] of Object.entries(files)) await writeFile(path.join(directory, `${name}.mjs`), plugin(body))
  return build(t, configWith(targets, plugins), { directory })
}

function configWith(targets: readonly Upstream[], plugins: Plugins): ConfigInput {
  return {
    upstreams: { service: { balance: 'first', targets: targets.map(({ url }, index) => ({ url, id: `t${index}` })) } },
    routes: [
      { prefix: '/named', upstream: 'service', plugins: plugins.flatMap(({ routes, name }) => (routes && name) ?? []) },
      { prefix: '/other', upstream: 'service' }
    ],
    plugins
  }
}

describe('a plugin', () => {
  test('that is named runs on the routes that name it, before load balancing', async t => {
    const [first, second] = [await upstream(t, { body: 'first' }), await upstream(t, { body: 'second' })]
    const narrow = `app.addHook('preHandler', async request => {
      options.see([request.url, request.exchange.picked])
      request.exchange.candidates = request.exchange.candidates.filter(({ id }) => id === 't1')
    })`
    const seen: unknown[] = []
    const { url } = await gatewayWith(t, [first, second], { narrow }, [
      { use: './narrow.mjs', name: 'narrow', routes: 'named', options: { see: (each: unknown) => seen.push(each) } }
    ])
    assert.equal((await ask(`${url}/named`)).text, 'second')
    assert.equal((await ask(`${url}/other`)).text, 'first')
    assert.deepEqual(seen, [['/named', undefined]])
  })

  test('may take every target away, which is 503', async t => {
    const service = await upstream(t)
    const none = `app.addHook('preHandler', async request => { request.exchange.candidates = [] })`
    const { url } = await gatewayWith(t, [service], { none }, [{ use: './none.mjs', name: 'none' }])
    const { status, headers, text } = await ask(`${url}/other`)
    assert.deepEqual([status, JSON.parse(text).code, headers['retry-after']], [503, 'EG_NO_TARGET', '1'])
    assert.equal(service.requests.length, 0)
  })

  test('may answer itself, and change what is answered', async t => {
    const service = await upstream(t, { headers: { 'content-type': 'text/plain' }, body: 'theirs' })
    const own = `app.addHook('preHandler', async (request, reply) => {
      if (request.url === '/other') return reply.code(418).send('mine')
    })
    app.addHook('onSend', async (request, reply, payload) => {
      reply.header('x-plugin', 'was here')
      return typeof payload === 'string' ? payload.toUpperCase() : payload
    })`
    const { url } = await gatewayWith(t, [service], { own }, [{ use: './own.mjs', name: 'own' }])
    const mine = await ask(`${url}/other`)
    assert.deepEqual([mine.status, mine.text, mine.headers['x-plugin']], [418, 'MINE', 'was here'])
    const theirs = await ask(`${url}/named`)
    assert.deepEqual([theirs.status, theirs.text, theirs.headers['x-plugin']], [200, 'THEIRS', 'was here'])
    assert.equal(service.requests.length, 1)
  })
})

describe('a plugin that fails', () => {
  const secret = 'secret of 10.0.0.7'
  for (const [what, body] of [
    ['in onRequest', `app.addHook('onRequest', async () => { throw new Error('${secret}') })`],
    ['in preHandler', `app.addHook('preHandler', () => { throw new Error('${secret}') })`],
    ['with a value', `app.addHook('preHandler', (request, reply, done) => done('${secret}'))`],
    ['in onSend, always', `app.addHook('onSend', async () => { throw new Error('${secret}') })`],
    [
      'in onSend, of answers alone',
      `app.addHook('onSend', (request, reply, payload, done) => {
      done(reply.statusCode === 200 ? new Error('${secret}') : null, payload)
    })`
    ]
  ] as const) {
    for (const kind of ['short', 'streamed']) {
      test(`${what} is 500 without its words, and without the fields of a ${kind} answer`, async t => {
        const coding = kind === 'short' ? {} : { 'transfer-encoding': 'chunked' }
        const headers = { 'content-encoding': 'gzip', etag: '"a"', 'cache-control': 'max-age=60', ...coding }
        const service = await upstream(t, { headers, body: 'zipped' })
        const gateway = await gatewayWith(t, [service], { bad: body }, [{ use: './bad.mjs', name: 'bad' }])
        const answer = await ask(`${gateway.url}/other`)
        assert.deepEqual([answer.status, JSON.parse(answer.text).code], [500, 'EG_INTERNAL'])
        assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
        assert.equal(JSON.parse(answer.text).requestId, answer.headers['x-request-id'])
        const kept = ['content-encoding', 'etag', 'cache-control'].filter(name => name in answer.headers)
        assert.deepEqual([kept, answer.text.includes('secret')], [[], false])
        const [target] = await targetsOf(gateway)
        assert.deepEqual([target?.inFlight, target?.failures], [0, 0])
      })
    }
  }

  test('and an upstream that breaks off while a plugin waits is 502, not 500', async t => {
    const service = await upstream(t, { headers: { 'transfer-encoding': 'chunked' }, body: 'abc', cutAfter: 0 })
    const wait = `app.addHook('onSend', async (request, reply, payload) => {
      if (payload.pipe) await new Promise(resolve => payload.once('close', resolve))
      return payload
    })`
    const { url } = await gatewayWith(t, [service], { wait }, [{ use: './wait.mjs', name: 'wait' }])
    const { status, text } = await ask(`${url}/other`)
    assert.deepEqual([status, JSON.parse(text).code], [502, 'EG_UPSTREAM_FAILED'])
  })

  test('outside of a request does not end the process, and is logged', async t => {
    const service = await upstream(t, { body: 'still here' })
    const later = `app.addHook('preHandler', async request => {
      if (request.url === '/other/throw') setImmediate(() => { throw new Error('thrown later') })
      if (request.url === '/other/reject') void Promise.reject(new Error('rejected later'))
      if (request.url === '/other/here') throw new Error('thrown here')
    })`
    const config = configWith([service], [{ use: './later.mjs', name: 'later' }])
    const gateway = await evergate(t, config, { 'later.mjs': plugin(later) })
    assert.equal((await ask(`${gateway.url}/other/throw`)).text, 'still here')
    await gateway.logged('uncaught exception')
    assert.equal((await ask(`${gateway.url}/other/reject`)).text, 'still here')
    await gateway.logged('unhandled rejection')
    assert.equal((await ask(`${gateway.url}/other/here`)).status, 500)
    const { err } = await gateway.logged('a plugin failed')
    assert.match(JSON.stringify(err), /thrown here/)
    assert.equal((await ask(`${gateway.url}/other`)).text, 'still here')
    gateway.child.kill('SIGKILL')
    await once(gateway.child, 'exit')
  })
})
