import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import path from 'node:path'
import { test } from 'node:test'
import { build, type TestScope, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { targetsOf } from '../support/operator.ts'
import { temporary } from '../support/temporary.ts'
import { until } from '../support/until.ts'

const skip = process.platform === 'win32' && 'there are no such sockets'

/** A server on a socket in a directory that goes with the test. */
async function onSocket(t: TestScope, listener: RequestListener, name = 'app.sock') {
  const file = path.join(await temporary(t), name)
  const server = createServer(listener)
  server.listen(file)
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise(resolve => server.close(resolve))
  }
  t.after(close)
  return { url: `unix:${file}`, file, close }
}

const text = async (request: IncomingMessage) => Buffer.concat(await request.toArray()).toString()

test('a target at a socket gets requests, with localhost as Host', { skip }, async t => {
  const { url: target } = await onSocket(t, async (request, response) => {
    response.end(JSON.stringify([request.method, request.url, request.headers.host, await text(request)]))
  })
  const { url } = await gatewayTo(t, [target], { route: { prefix: '/a', rewrite: '/b' } })
  const answer = await ask(`${url}/a/x?q=1`, { method: 'POST', body: 'hello' })
  assert.deepEqual(JSON.parse(answer.text), ['POST', '/b/x?q=1', 'localhost', 'hello'])
})

test('the Host that the client asked for goes there too, where the route keeps it', { skip }, async t => {
  const { url: target } = await onSocket(t, (request, response) => void response.end(request.headers.host))
  const { url } = await gatewayTo(t, [target], { route: { hostHeader: 'client' } })
  assert.equal((await ask(url, { headers: { host: 'shop.example' } })).text, 'shop.example')
})

test('a Location of a target at a socket comes back under the prefix', { skip }, async t => {
  const { url: target } = await onSocket(t, (request, response) => {
    response.writeHead(302, { location: String(request.headers['x-to']) }).end()
  })
  const { url } = await gatewayTo(t, [target], { route: { prefix: '/a', rewrite: '/b' } })
  const seen: readonly (readonly [string, string])[] = [
    ['/b/x', '/a/x'],
    ['http://localhost/b/x?y=1', '/a/x?y=1'],
    ['//localhost/b/x', '/a/x'],
    ['https://other.example/b', 'https://other.example/b']
  ]
  for (const [sent, location] of seen)
    assert.equal((await ask(`${url}/a`, { headers: { 'x-to': sent } })).headers.location, location)
})

test('a socket that nobody listens at is passed over, and is 502 when it is the only one', { skip }, async t => {
  const { url: gone, close } = await onSocket(t, () => {})
  await close()
  const good = await upstream(t, { body: 'good' })
  const { url } = await gatewayTo(t, [gone, good.url])
  assert.equal((await ask(url, { method: 'POST', body: 'once' })).text, 'good')
  const alone = await gatewayTo(t, [gone])
  const problem = await askProblem(alone.url)
  assert.equal(problem['code'], 'EG_UPSTREAM_FAILED')
  assert.doesNotMatch(JSON.stringify(problem), /unix|sock/)
})

test('two sockets are two targets', { skip }, async t => {
  const one = await onSocket(t, (_request, response) => void response.end('one'))
  const two = await onSocket(t, (_request, response) => void response.end('two'))
  const { url } = await gatewayTo(t, [one.url, two.url], { group: { balance: 'round-robin' } })
  const answers = [await ask(url), await ask(url)].map(answer => answer.text)
  assert.deepEqual(answers.sort(), ['one', 'two'])
})

test('operators see its URL and an id that can stand in a path', { skip }, async t => {
  const { url: target, file } = await onSocket(t, (_request, response) => void response.end())
  const gateway = await gatewayTo(t, [target])
  const [view] = await targetsOf(gateway)
  const id = `unix:${file.slice(1).replaceAll('/', '-')}`
  assert.equal(view?.id, id)
  assert.match(await (await fetch(`${gateway.adminUrl}/api/upstreams`)).text(), new RegExp(`"url":"unix:${file}"`))
  const drained = await fetch(`${gateway.adminUrl}/api/upstreams/service/targets/${id}/drain`, { method: 'POST' })
  assert.equal(drained.status, 200)
  assert.equal((await askProblem(gateway.url))['code'], 'EG_NO_TARGET')
})

for (const health of [{ path: '/health' }, { type: 'tcp' }] as const) {
  test(`active checks go over the socket: ${JSON.stringify(health)}`, { skip }, async t => {
    const asked: (string | undefined)[] = []
    const service = await onSocket(t, (request, response) => {
      if (request.url === '/health') asked.push(request.headers.host)
      response.end('well')
    })
    const checked = { ...health, interval: '20ms', fall: 1, rise: 1 } as const
    const gateway = await build(t, {
      upstreams: { service: { targets: [service.url], health: checked, failover: { panic: 0 }, outliers: false } },
      routes: [{ prefix: '/', upstream: 'service' }]
    })
    const eligible = async () => (await targetsOf(gateway))[0]?.eligible
    await until(async () => (await eligible()) === true)
    assert.equal((await ask(gateway.url)).text, 'well')
    if ('path' in health) {
      await until(() => asked.length > 0)
      assert.equal(asked[0], 'localhost')
    }
    await service.close()
    await until(async () => (await eligible()) === false)
  })
}
