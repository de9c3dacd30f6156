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

describe('requests that wait for the first of them', () => {
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
