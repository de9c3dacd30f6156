import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agentCheck } from '../../../../src/health/checks/agent.ts'
import { dialer } from '../../../../src/health/checks/dial.ts'
import { VirtualScheduler } from '../../../../src/time/scheduler.ts'
import { nowhere } from '../../../support/gateway.ts'
import { type Wire, wireServer } from '../../../support/wire.ts'
import { runOf } from '../fixtures/checking.ts'

const scheduled = (url: string) => {
  const scheduler = new VirtualScheduler()
  return { scheduler, check: agentCheck(dialer(url, { verify: true }), scheduler, 1000) }
}

describe('asking an agent', () => {
  test('takes its first line, whether or not it closes', async t => {
    const texts = ['75% up\n', 'drain', 'down#disk full\r\nup\r\n']
    const words = [{ weightShare: 0.75, up: true }, { mode: 'drain' }, { up: false, reason: 'disk full' }]
    const server = await wireServer(t, (wire, connection) => {
      wire.send(texts[connection - 1] ?? '')
      if (connection === 2) wire.socket.end()
    })
    for (const word of words) {
      const { check } = scheduled(server.url)
      assert.deepEqual(await runOf(check), { ok: true, word })
    }
    for (const wire of server.wires) await wire.closed
  })

  test('takes a line that comes in pieces', async t => {
    const server = await wireServer(t, wire => {
      wire.socket.setNoDelay()
      wire.socket.write('50', () => wire.send('%\n'))
    })
    assert.deepEqual(await runOf(scheduled(server.url).check), { ok: true, word: { weightShare: 0.5 } })
  })

  test('does not read a line without end', async t => {
    const server = await wireServer(t, wire => wire.send(`up ${'x'.repeat(100_000)}`))
    assert.deepEqual(await runOf(scheduled(server.url).check), { ok: true, word: { up: true } })
    await server.wires[0]?.closed
  })

  test('is told that it says nothing', async t => {
    const server = await wireServer(t, wire => wire.socket.end())
    const silent = { ok: false, failure: 'protocol', text: 'the agent said nothing' }
    assert.deepEqual(await runOf(scheduled(server.url).check), silent)
    const refused = { ok: false, failure: 'refused', text: 'connection refused' }
    assert.deepEqual(await runOf(scheduled(nowhere).check), refused)
  })

  test('does not wait for ever, and leaves no connection', async t => {
    const met = Promise.withResolvers<Wire>()
    const server = await wireServer(t, met.resolve)
    const { check, scheduler } = scheduled(server.url)
    const result = runOf(check)
    const wire = await met.promise
    scheduler.advance(1000)
    const got = await result
    assert.equal(got.ok, false)
    await wire.closed
  })
})
