import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { definePlugin, exchangeOf, GatewayError } from '../../src/plugin.ts'

const stamp = definePlugin<{ header: string }>('stamp', (app, { header }) => {
  app.addHook('onSend', async (_request, reply) => void reply.header(header, 'yes'))
})

test('the hooks of a plugin run on routes beside it, and it gets its options', async t => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(stamp, { header: 'x-stamp' })
  await app.register(async scope => void scope.get('/', async () => 'hello'))
  assert.equal((await app.inject('/')).headers['x-stamp'], 'yes')
})

test('a plugin that needs another one says so when it is registered', async t => {
  const app = Fastify()
  t.after(() => app.close())
  const needy = definePlugin('needy', app => void app.addHook('preHandler', async request => void exchangeOf(request)), {
    dependencies: ['exchange']
  })
  await assert.rejects(async () => app.register(needy), { message: /dependency 'exchange' of plugin 'needy' is not registered/ })
})

test("an answer in a target's place knows its status", () => {
  assert.equal(new GatewayError('EG_FORBIDDEN').status, 403)
})
