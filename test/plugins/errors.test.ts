import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import errors from '../../plugins/errors.ts'
import { GatewayError } from '../../src/model/errors.ts'

/** An app with one route that does what the test wants, and the errors that it logs. */
async function app(t: TestContext, handler: () => unknown): Promise<{ app: FastifyInstance; logged: string[] }> {
  const logged: string[] = []
  const stream = { write: (line: string) => void logged.push(line) }
  const made = Fastify({ logger: { level: 'error', stream } })
  t.after(() => made.close())
  await made.register(errors)
  made.get('/', async () => handler())
  return { app: made, logged }
}

function throwing(error: unknown): () => never {
  return () => {
    throw error
  }
}

describe('an error', () => {
  test('of the gateway is answered as problem details, with its fields', async t => {
    const { app: own, logged } = await app(t, throwing(new GatewayError('EG_NO_TARGET', 'Later.', { 'retry-after': '3' })))
    const response = await own.inject('/')
    assert.equal(response.statusCode, 503)
    assert.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
    assert.equal(response.headers['retry-after'], '3')
    const { requestId, ...rest } = response.json()
    assert.deepEqual(rest, {
      type: 'urn:evergate:error:EG_NO_TARGET',
      title: 'No server is available for this request',
      status: 503,
      detail: 'Later.',
      code: 'EG_NO_TARGET'
    })
    assert.ok(requestId.length > 0)
    assert.deepEqual(logged, [], 'it is nobody’s failure to be looked into')
  })

  test('of somebody else keeps its words to the log', async t => {
    const secret = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:3000'), { code: 'ECONNREFUSED' })
    const { app: own, logged } = await app(t, throwing(secret))
    const response = await own.inject('/')
    assert.equal(response.statusCode, 500)
    assert.equal(response.json().code, 'EG_INTERNAL')
    assert.doesNotMatch(response.body, /10\.0\.0\.1|ECONN|at /)
    assert.match(logged.join(''), /10\.0\.0\.1/)
  })

  test('that names a status of the client’s is answered with the code of that status, without its words', async t => {
    for (const [statusCode, code] of [
      [400, 'EG_BAD_REQUEST'],
      [401, 'EG_UNAUTHENTICATED'],
      [413, 'EG_BODY_TOO_LARGE'],
      [418, 'EG_BAD_REQUEST'],
      [429, 'EG_RATE_LIMITED']
    ] as const) {
      const { app: own } = await app(t, throwing(Object.assign(new Error('inner words'), { statusCode })))
      const { code: answered, detail } = (await own.inject('/')).json()
      assert.deepEqual([answered, detail], [code, undefined], `${statusCode}`)
    }
  })

  test('that names any other status is the gateway’s', async t => {
    for (const statusCode of [200, 302, 500, 503, 600]) {
      const { app: own } = await app(t, throwing(Object.assign(new Error('x'), { statusCode })))
      const response = await own.inject('/')
      assert.deepEqual([response.statusCode, response.json().code], [500, 'EG_INTERNAL'], `${statusCode}`)
    }
  })

  test('is known by its code to whoever looks at the request later', async t => {
    const { app: own } = await app(t, throwing(new GatewayError('EG_TIMEOUT')))
    const seen: unknown[] = []
    own.addHook('onResponse', async request => void seen.push(request.errorCode))
    await own.inject('/')
    assert.deepEqual(seen, ['EG_TIMEOUT'])
  })
})

test('what no route takes is answered with 404', async t => {
  const { app: own } = await app(t, () => 'ok')
  const response = await own.inject('/nowhere')
  assert.deepEqual([response.statusCode, response.json().code], [404, 'EG_NO_ROUTE'])
})

test('an answer that is not an error is left alone', async t => {
  const { app: own } = await app(t, () => 'ok')
  const response = await own.inject('/')
  assert.deepEqual([response.statusCode, response.body], [200, 'ok'])
})

describe('a hook that fails while an answer is sent', () => {
  test('is answered in place of it, without that answer’s fields', async t => {
    const { app: own } = await app(t, () => 'secret of the upstream')
    own.addHook('preHandler', async (_request, reply) => {
      reply.header('x-from-upstream', '1')
      reply.answerFields = { 'x-from-upstream': '1' }
    })
    own.addHook('onSend', async (_request, reply) => {
      if (reply.statusCode === 200) throw new Error('inner words')
    })
    const response = await own.inject('/')
    assert.deepEqual([response.statusCode, response.json().code], [500, 'EG_INTERNAL'])
    assert.doesNotMatch(response.body, /inner|secret/)
    assert.equal(response.headers['x-from-upstream'], undefined)
  })

  test('even every time does not leave the client without an answer', async t => {
    const { app: own } = await app(t, () => 'ok')
    own.addHook('onSend', async () => {
      throw new Error('inner words')
    })
    const response = await own.inject('/')
    assert.deepEqual([response.statusCode, response.json().code], [500, 'EG_INTERNAL'])
    assert.equal(response.headers['x-request-id'], response.json().requestId)
  })
})
