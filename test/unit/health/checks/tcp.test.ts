import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { upstream } from '../../../../src/testing.ts'
import { selfSigned } from '../../../support/certificate.ts'
import { nowhere } from '../../../support/gateway.ts'
import { type Wire, wireServer } from '../../../support/wire.ts'
import { checking } from '../fixtures/checking.ts'

describe('a tcp check', () => {
  test('passes when a connection is made, and closes it', async t => {
    const met = Promise.withResolvers<Wire>()
    const server = await wireServer(t, met.resolve)
    assert.deepEqual(await checking(t, server.url, { type: 'tcp' }).run(), { ok: true, text: 'connected' })
    const wire = await met.promise
    assert.equal(await wire.all(), '')
  })

  test('fails when nobody listens, or the host has no address', async t => {
    const refused = { ok: false, failure: 'refused', text: 'connection refused' }
    assert.deepEqual(await checking(t, nowhere, { type: 'tcp' }).run(), refused)
    const unknown = await checking(t, 'http://no-such-host.invalid:80', { type: 'tcp' }).run()
    assert.deepEqual([unknown.ok, !unknown.ok && unknown.failure], [false, 'refused'])
  })

  test('makes the TLS handshake where the target speaks TLS', async t => {
    const tls = selfSigned('127.0.0.1')
    const service = await upstream(t, {}, { tls })
    assert.equal((await checking(t, service.url, { type: 'tcp' }, { verify: true, ca: tls.cert }).run()).ok, true)
    const result = await checking(t, service.url, { type: 'tcp' }).run()
    assert.deepEqual(result, { ok: false, failure: 'tls', text: 'TLS: self-signed certificate' })
    await service.disconnected()
  })

  test('fails when the handshake does not end in time, and leaves no connection', async t => {
    const met = Promise.withResolvers<Wire>()
    const server = await wireServer(t, met.resolve)
    const { run, scheduler } = checking(t, server.url.replace('http:', 'https:'), { type: 'tcp' })
    const result = run()
    const wire = await met.promise
    scheduler.advance(1000)
    assert.deepEqual(await result, { ok: false, failure: 'connect-timeout', text: 'no connection within 1000 ms' })
    await wire.closed
  })
})
