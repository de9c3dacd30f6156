import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import completion from '../../plugins/completion.ts'
import logging from '../../plugins/logging.ts'
import metrics from '../../plugins/metrics.ts'
import { Meters } from '../../src/observe/meters.ts'
import { route } from '../unit/fixtures/routes.ts'
import { reading } from './bare.ts'

/** Lets a test wait until the next request is over, for everybody who was told before. */
function nextOf(app: FastifyInstance): () => Promise<void> {
  let wake = () => {}
  app.onCompletion(() => wake())
  return () => new Promise(resolve => void (wake = resolve))
}

const listen = (app: FastifyInstance) => app.listen({ port: 0, host: '127.0.0.1' })

/** An app that tells of every request that is over. */
async function telling(t: TestContext): Promise<{ app: FastifyInstance; told: string[]; next: () => Promise<void> }> {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(completion)
  const told: string[] = []
  app.onCompletion((request, _reply, status) => void told.push(`${request.method} ${request.url} ${status}`))
  return { app, told, next: nextOf(app) }
}

test('the end of a request is told once, with its status', async t => {
  const { app, told, next } = await telling(t)
  app.get('/ok', async () => 'ok')
  app.get('/gone', async (_request, reply) => reply.code(410).send('gone'))
  const url = await listen(app)
  for (const path of ['/ok', '/gone', '/nowhere']) {
    const over = next()
    await (await fetch(url + path)).text()
    await over
  }
  assert.deepEqual(told, ['GET /ok 200', 'GET /gone 410', 'GET /nowhere 404'])
})

test('a client that leaves before its answer is told as 499', async t => {
  const { app, told, next } = await telling(t)
  const socket = { end: () => {} }
  app.get('/slow', (_request, reply) => {
    reply.hijack()
    socket.end()
  })
  await listen(app)
  // It listens on a port, not on a socket of the file system.
  const { port } = app.server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  socket.end = () => client.destroy()
  await once(client, 'connect')
  const over = next()
  client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
  await over
  assert.deepEqual(told, ['GET /slow 499'])
})

test('all who want to know are told', async t => {
  const { app } = await telling(t)
  const told: string[] = []
  app.onCompletion(() => void told.push('one'))
  app.onCompletion(() => void told.push('two'))
  app.get('/', async () => 'ok')
  await app.inject('/')
  assert.deepEqual(told, ['one', 'two'])
})

test('every request is counted, by the prefix of its route or none', async t => {
  const meters = new Meters([1])
  const app = reading(t, [route('/orders')])
  // No more of a match is read.
  app.decorateRequest('match', { getter: () => ({ kind: 'route', route: route('/orders') }) as never })
  app.decorateRequest('exchange', null)
  await app.register(completion)
  await app.register(metrics, { meters })
  app.get('/orders/:id', async () => 'ok')
  const next = nextOf(app)
  const url = await listen(app)
  for (const id of [7, 8]) {
    const over = next()
    await (await fetch(`${url}/orders/${id}`)).text()
    await over
  }
  const counted = meters.metrics().find(({ name }) => name === 'evergate_requests_total')
  assert.deepEqual(counted?.samples(), [{ value: 2, labels: { route: '/orders', method: 'GET', status: '200' } }])
})

test('every request is written in one line, secrets masked, unless that is turned off', async t => {
  for (const access of [true, false]) {
    const lines: string[] = []
    const app = Fastify({
      logger: { level: 'info', stream: { write: (line: string) => void lines.push(line) } },
      disableRequestLogging: true
    })
    t.after(() => app.close())
    // No more of a match is read.
    app.decorateRequest('match', {
      getter: () =>
        ({ kind: 'refused', code: 'EG_NO_ROUTE', host: 'shop.test', path: '/x', search: '?own=1&token=2&page=3' }) as never
    })
    app.decorateRequest('exchange', null)
    app.decorateRequest('errorCode', undefined)
    await app.register(completion)
    await app.register(logging, { access, redact: ['own'] })
    app.get('/x', async () => 'ok')
    const over = nextOf(app)()
    await (await fetch(`${await listen(app)}/x`)).text()
    await over
    const records = lines.flatMap(text => text.trim().split('\n')).map(line => JSON.parse(line))
    assert.deepEqual(
      records.filter(({ msg }) => msg === 'request').map(({ method, path, status }) => [method, path, status]),
      access ? [['GET', '/x?own=***&token=***&page=3', 200]] : []
    )
  }
})
