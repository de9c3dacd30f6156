import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'
import { arrivals } from './caching-arrivals.ts'

const retry = { attempts: 1 }
const setup = { route: { cache: true }, group: { retry } } as const

describe('requests for the same at the same time', () => {
  /** An upstream that holds its answers until it is told. */
  async function holding(t: TestScope, fields: Record<string, string>) {
    const held: (() => void)[] = []
    const service = await upstream(t, (_request, response) => {
      const body = `${held.length}`
      held.push(() => void (response.headersSent || response.writeHead(200, fields).end(body)))
    })
    return { service, held }
  }

  const asking = (url: string, count: number, headers = {}) => Array.from({ length: count }, () => ask(url, { headers }))

  /** Counts what comes as far as the cache. */
  const counting = { plugins: [{ use: path.join(import.meta.dirname, 'caching-arrivals.ts') }] }
  const arrived = (to: string, count: number) => until(() => arrivals.get(to) === count)

  test('are one at the upstream', async t => {
    const { service, held } = await holding(t, { 'cache-control': 'max-age=60' })
    const { url } = await gatewayTo(t, [service.url], { ...setup, ...counting })
    const first = ask(`${url}/one`)
    await service.arrived(1)
    const others = asking(`${url}/one`, 9)
    await arrived('/one', 10)
    held[0]?.()
    assert.equal((await first).text, '0')
    for (const { text, headers } of await Promise.all(others)) {
      assert.equal(text, '0')
      assert.match(String(headers['cache-status']), /hit;.*collapsed/)
    }
    assert.equal(service.requests.length, 1)
  })

  test('go on by themselves where the answer is not for all of them, and next time at once', async t => {
    const { service, held } = await holding(t, { 'cache-control': 'private' })
    const { url } = await gatewayTo(t, [service.url], setup)
    for (const already of [0, 4]) {
      const answers = asking(url, 4)
      await service.arrived(already + 1)
      for (let i = already; i < already + 4; i++) {
        await service.arrived(i + 1)
        if (already === 0) held[i]?.()
      }
      for (const answer of held) answer()
      assert.equal(new Set((await Promise.all(answers)).map(({ text }) => text)).size, 4)
    }
    assert.equal(service.requests.length, 8)
  })

  test('wait for nobody who shows a credential or a cookie', async t => {
    const { service, held } = await holding(t, { 'cache-control': 'public, max-age=60' })
    const { url } = await gatewayTo(t, [service.url], setup)
    const answers = [...asking(url, 2, { cookie: 'a=1' }), ...asking(url, 2, { authorization: 'Basic YTpi' })]
    await service.arrived(4)
    for (const answer of held) answer()
    await Promise.all(answers)
  })

  test('one of them takes over when the first client leaves', async t => {
    const { service, held } = await holding(t, { 'cache-control': 'max-age=60' })
    const gateway = await gatewayTo(t, [service.url], { ...setup, ...counting })
    const wire = await wireTo(t, gateway.port)
    wire.send(`GET /left HTTP/1.1\r\nhost: ${new URL(gateway.url).host}\r\n\r\n`)
    await service.arrived(1)
    const others = asking(`${gateway.url}/left`, 5)
    await arrived('/left', 6)
    wire.socket.destroy()
    await service.arrived(2)
    for (const answer of held) answer()
    for (const { text } of await Promise.all(others)) assert.equal(text, '1')
    assert.equal(service.requests.length, 2)
  })

  test('wait no longer than their route lets them', async t => {
    const service = await upstream(t, 'hang')
    const { url } = await gatewayTo(t, [service.url], { group: { retry }, route: { cache: true, timeout: '200ms' } })
    for (const { status } of await Promise.all(asking(url, 5))) assert.equal(status, 504)
  })

  test('do not wait for the end of what is too long to be kept, and not for the next one at all', async t => {
    const ends: (() => void)[] = []
    const service = await upstream(t, (request, response) => {
      const length = request.url === '/known' ? { 'content-length': '200000' } : {}
      response.writeHead(200, { 'cache-control': 'max-age=60', ...length })
      response.write('x'.repeat(100_000))
      ends.push(() => response.end('x'.repeat(100_000)))
    })
    const gateway = await gatewayTo(t, [service.url], { group: { retry }, route: { cache: { maxEntry: '1kb' } }, ...counting })
    let asked = 0
    for (const to of ['/known', '/unknown']) {
      const answers = asking(gateway.url + to, 4)
      // None of them has ended.
      await service.arrived((asked += 4))
      for (const end of ends.splice(0)) end()
      for (const { text } of await Promise.all(answers)) assert.equal(text.length, 200_000)
    }
  })

  test('get what is to be kept however slowly the first of them reads', async t => {
    const body = Buffer.alloc(24_000_000, 'x')
    const headers = { 'cache-control': 'max-age=60', 'transfer-encoding': 'chunked' }
    const service = await upstream(t, { headers, body })
    const gateway = await gatewayTo(t, [service.url], { group: { retry }, route: { cache: { maxEntry: '32mb' } } })
    const wire = await wireTo(t, gateway.port)
    wire.socket.pause()
    wire.send(`GET / HTTP/1.1\r\nhost: ${new URL(gateway.url).host}\r\n\r\n`)
    await service.arrived(1)
    assert.equal((await ask(gateway.url)).text.length, body.length)
    assert.equal(service.requests.length, 1)
  })

  test('wait for one first client after the other, without a word of it', async t => {
    const warnings: Error[] = []
    const warned = (warning: Error) => void warnings.push(warning)
    process.on('warning', warned)
    t.after(() => void process.off('warning', warned))
    const { service, held } = await holding(t, { 'cache-control': 'max-age=60' })
    const gateway = await gatewayTo(t, [service.url], { ...setup, ...counting })
    const leaving = await Promise.all(Array.from({ length: 12 }, () => wireTo(t, gateway.port)))
    for (const [index, wire] of leaving.entries()) {
      wire.send(`GET /leaving HTTP/1.1\r\nhost: ${new URL(gateway.url).host}\r\n\r\n`)
      await arrived('/leaving', index + 1)
    }
    const last = ask(`${gateway.url}/leaving`)
    await arrived('/leaving', 13)
    for (const [index, wire] of leaving.entries()) {
      await service.arrived(index + 1)
      wire.socket.destroy()
    }
    await service.arrived(13)
    for (const answer of held) answer()
    assert.equal((await last).text, '12')
    assert.deepEqual(warnings, [])
  })
})
