import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants } from 'node:http2'
import { describe, test } from 'node:test'
import { type ConfigInput, type TestScope, upstream } from '../../src/testing.ts'
import { evergate } from '../support/evergate.ts'
import { answerOf, askIn, http2To, opened } from '../support/http2.ts'

/** A gateway in a process of its own, before an upstream that answers `/slow` once it is told to. */
async function draining(t: TestScope, drain: NonNullable<ConfigInput['drain']>) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const service = await upstream(t, async ({ url }, response) => {
    if (url === '/slow') await released
    response.end('done')
  })
  const gateway = await evergate(t, {
    upstreams: { service: { targets: [service.url] } },
    routes: [{ prefix: '/', upstream: 'service' }],
    drain
  })
  return { gateway, service, release }
}

describe('SIGTERM with sessions of HTTP/2', () => {
  test('tells them to begin no more, finishes what is under way, serves who comes nevertheless, and ends with 0', async t => {
    const { gateway, service, release } = await draining(t, { notReady: '1s', finish: '20s' })
    const session = await http2To(t, gateway.url)
    const gone = once(session, 'goaway')
    const slow = answerOf(opened(session, { ':path': '/slow' }))
    await service.arrived(1)
    const idle = await http2To(t, gateway.url)
    await askIn(idle)
    const left = once(idle, 'close')

    gateway.child.kill('SIGTERM')
    assert.equal((await gone)[0], constants.NGHTTP2_NO_ERROR)
    await left
    const late = await http2To(t, gateway.url)
    const told = once(late, 'goaway')
    assert.equal((await askIn(late)).text, 'done')
    await told
    release()
    assert.equal((await slow).text, 'done')
    assert.equal(await gateway.exited, 0)
  })

  test('cuts what does not finish in time, and still ends with 0', async t => {
    const { gateway, service } = await draining(t, { notReady: 0, finish: '200ms' })
    const session = await http2To(t, gateway.url)
    const slow = answerOf(opened(session, { ':path': '/slow' }))
    const request = await service.arrived(1)
    gateway.child.kill('SIGTERM')
    assert.equal((await slow).status, 0)
    await request.ended
    assert.deepEqual([request.aborted, await gateway.exited], [true, 0])
    await gateway.logged('stopped')
    assert.deepEqual(
      gateway.log.filter(({ msg }) => msg === 'request').map(({ status }) => status),
      [499]
    )
  })
})
