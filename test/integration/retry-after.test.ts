import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Handler, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'

/** Refuses once with this Retry-After, and then tells by how many milliseconds it was left alone. */
function refusingOnce(retryAfter: () => string): readonly [Handler, Handler] {
  let refusedAt = 0
  return [
    (_request, response) => {
      refusedAt = performance.now()
      response.writeHead(503, { 'retry-after': retryAfter() }).end()
    },
    (_request, response) => {
      response.end(String(performance.now() - refusedAt))
    }
  ]
}

describe('Retry-After', { concurrency: true }, () => {
  test('in seconds is obeyed by a group of one target', async t => {
    const service = await upstream(
      t,
      refusingOnce(() => '1')
    )
    const { url } = await gatewayTo(t, [service.url])
    const waitedMs = Number((await ask(url)).text)
    // Timers of two clocks are compared: a millisecond is theirs.
    assert.ok(waitedMs > 998, `${waitedMs} ms`)
  })

  test('as a date is obeyed by a group of one target', async t => {
    const service = await upstream(
      t,
      // Dates have whole seconds: two from now is at least one.
      refusingOnce(() => new Date(Date.now() + 2000).toUTCString())
    )
    const { url } = await gatewayTo(t, [service.url])
    const waitedMs = Number((await ask(url)).text)
    assert.ok(waitedMs > 998, `${waitedMs} ms`)
  })

  test('beyond the deadline is passed on at once, as seconds or as a date', async t => {
    const later = new Date(Date.now() + 3_600_000).toUTCString()
    for (const asked of ['3600', later]) {
      const service = await upstream(t, { status: 503, headers: { 'retry-after': asked }, body: 'busy' })
      const { url } = await gatewayTo(t, [service.url])
      const { status, headers, text } = await ask(url)
      assert.deepEqual([status, headers['retry-after'], text], [503, asked, 'busy'])
      assert.equal(service.requests.length, 1)
    }
  })

  test('of a long answer of unknown length is passed on with all of it', async t => {
    const body = 'busy'.repeat(50_000)
    const headers = { 'retry-after': '3600', 'transfer-encoding': 'chunked' }
    const service = await upstream(t, { status: 503, headers, body })
    const { url } = await gatewayTo(t, [service.url])
    const answer = await ask(url)
    assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '3600'])
    assert.equal(answer.text, body)
  })

  test('of one target does not keep a request from another', async t => {
    const busy = await upstream(t, { status: 503, headers: { 'retry-after': '3600' } })
    const good = await upstream(t, { body: 'good' })
    const { url } = await gatewayTo(t, [busy.url, good.url])
    assert.equal((await ask(url)).text, 'good')
  })

  test('that is no time and no date is not obeyed', async t => {
    const service = await upstream(t, [{ status: 503, headers: { 'retry-after': 'soon' } }, { body: 'good' }])
    const { url } = await gatewayTo(t, [service.url])
    assert.equal((await ask(url)).text, 'good')
  })
})
