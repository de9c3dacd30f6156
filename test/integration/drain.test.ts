import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ConfigInput, type Upstream, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { evergate } from '../support/evergate.ts'
import { wireTo } from '../support/wire.ts'

const configWith = (service: Upstream, drain: NonNullable<ConfigInput['drain']>): ConfigInput => ({
  upstreams: { service: { targets: [service.url] } },
  routes: [{ prefix: '/', upstream: 'service' }],
  drain
})

/** An upstream that answers `/slow` once it is told to, everything else at once. */
async function slowUpstream(t: Parameters<typeof upstream>[0]) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const service = await upstream(t, async ({ url }, response) => {
    if (url === '/slow') await released
    response.end('done')
  })
  return { service, release }
}

describe('SIGTERM', () => {
  test('makes a gateway not ready, which goes on serving, then finishes what runs and ends with 0', async t => {
    const { service, release } = await slowUpstream(t)
    const gateway = await evergate(t, configWith(service, { notReady: '1s', finish: '20s' }))
    assert.equal((await ask(`${gateway.adminUrl}/readyz`)).status, 200)
    const slow = ask(`${gateway.url}/slow`)
    await service.arrived(1)

    gateway.child.kill('SIGTERM')
    await gateway.logged('draining')
    assert.equal((await ask(`${gateway.adminUrl}/readyz`)).status, 503)
    assert.equal((await ask(`${gateway.adminUrl}/livez`)).status, 200)
    const late = await ask(`${gateway.url}/late`)
    assert.deepEqual([late.text, late.headers.connection], ['done', 'close'])

    await refusal(gateway.url)
    assert.equal((await ask(`${gateway.adminUrl}/readyz`)).status, 503)
    release()
    assert.equal((await slow).text, 'done')
    await gateway.logged('stopped')
    assert.equal(await gateway.exited, 0)
  })

  test('cuts what does not finish in time, and still ends with 0', async t => {
    const { service } = await slowUpstream(t)
    const gateway = await evergate(t, configWith(service, { notReady: 0, finish: '200ms' }))
    const wire = await wireTo(t, gateway.port)
    wire.send('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n')
    const request = await service.arrived(1)
    gateway.child.kill('SIGTERM')
    assert.equal(await wire.all(), '')
    await request.ended
    assert.deepEqual([request.aborted, await gateway.exited], [true, 0])
  })

  test('has logged every request, cut ones too, before it says that it has stopped', async t => {
    const { service } = await slowUpstream(t)
    const gateway = await evergate(t, configWith(service, { notReady: 0, finish: '200ms' }))
    const count = 5
    for (let i = 1; i <= count; i++) {
      const wire = await wireTo(t, gateway.port)
      wire.send(`GET ${i === 1 ? '/' : '/slow'} HTTP/1.1\r\nhost: a\r\n\r\n`)
      await service.arrived(i)
    }
    gateway.child.kill('SIGTERM')
    await gateway.logged('stopped')
    assert.equal(await gateway.exited, 0)
    assert.deepEqual(
      gateway.log.filter(({ msg }) => msg === 'request').map(({ status }) => status),
      [200, 499, 499, 499, 499]
    )
    assert.equal(gateway.log.at(-1)?.['msg'], 'stopped')
  })

  test('does not wait for connections that carry nothing', async t => {
    const { service } = await slowUpstream(t)
    const gateway = await evergate(t, configWith(service, { notReady: 0, finish: '1h' }))
    const used = await wireTo(t, gateway.port)
    used.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await used.until(/done/)
    const unused = await wireTo(t, gateway.port)
    await ask(gateway.url)
    gateway.child.kill('SIGTERM')
    await Promise.all([used.all(), unused.all()])
    assert.equal(await gateway.exited, 0)
  })
})

/** Resolves when nobody listens there any more. */
async function refusal(url: string): Promise<void> {
  for (;;) {
    try {
      await ask(url)
    } catch (error) {
      // Node's errors have codes.
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return
    }
  }
}
