import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { build, fakeClock, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { ask, askProblem } from '../support/ask.ts'
import { temporary } from '../support/temporary.ts'
import { wireTo } from '../support/wire.ts'

const plugin = `export default Object.assign(async (app, options) => {
  app.addHook(options.hook, (request, reply, done) => {
    if (request.url !== '/held') done()
    else options.held(done)
  })
}, { [Symbol.for('skip-override')]: true })`

/** A gateway with a plugin whose hook holds `/held`: `held` resolves with what would let it go. */
async function withHolding(t: TestContext, hook: string) {
  const directory = await temporary(t)
  await writeFile(path.join(directory, 'holding.mjs'), plugin)
  const clock = fakeClock()
  const log = accessLog()
  const { promise: held, resolve } = Promise.withResolvers<() => void>()
  const service = await upstream(t, (_request, response) => void response.write('first'))
  const gateway = await build(
    t,
    {
      trustProxy: ['127.0.0.1'],
      upstreams: { service: { targets: [service.url] } },
      routes: [{ prefix: '/', upstream: 'service', timeout: '2s' }],
      plugins: [{ use: './holding.mjs', options: { hook, held: resolve } }]
    },
    { directory, clock, logger: log.logger }
  )
  return { gateway, clock, log, service, held }
}

describe('a request that a hook never lets go on', () => {
  for (const hook of ['onRequest', 'preValidation', 'preHandler']) {
    test(`is answered 504 when the time of its route is over: ${hook}`, async t => {
      const { gateway, clock, log, service, held } = await withHolding(t, hook)
      const asking = askProblem(`${gateway.url}/held`, { method: 'POST', body: 'order' })
      const letGo = await held
      clock.advance(2000)
      const { code, status } = await asking
      assert.deepEqual([code, status], ['EG_TIMEOUT', 504])
      const line = await log.line(1)
      assert.deepEqual([line.status, line.error, line.attempts ?? []], [504, 'EG_TIMEOUT', []])
      letGo()
      assert.equal((await ask(`${gateway.url}/held`, { method: 'TRACE' })).status, 405, 'the gateway goes on')
      assert.deepEqual([service.requests.length, log.lines.length], [0, 2])
    })
  }

  test('is answered as soon as a trusted client’s own time is over', async t => {
    const { gateway, clock, held } = await withHolding(t, 'preHandler')
    const asking = askProblem(`${gateway.url}/held`, { headers: { 'x-request-timeout-ms': '500' } })
    await held
    clock.advance(500)
    assert.equal((await asking).code, 'EG_TIMEOUT')
  })
})

test('once a request is with the forwarder its client may take longer to send it', async t => {
  const { gateway, clock, service, held } = await withHolding(t, 'preHandler')
  const wire = await wireTo(t, gateway.port)
  wire.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\nexpect: 100-continue\r\n\r\n')
  await wire.until(/100 Continue/)
  clock.advance(10_000)
  // All who are out of time are told at once: when this one has been, so would the other.
  const late = askProblem(`${gateway.url}/held`)
  await held
  clock.advance(10_000)
  assert.equal((await late).code, 'EG_TIMEOUT')
  wire.send('0123456789')
  await wire.until(/200 OK.*first/s)
  assert.equal(service.requests[0]?.body.length, 10)
})
