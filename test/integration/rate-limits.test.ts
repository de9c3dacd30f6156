import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, test } from 'node:test'
import { upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { until } from '../support/until.ts'

describe('a route with a rate limit', () => {
  test('lets exactly the limit pass of many requests at once, and sends no more to the upstream', async t => {
    const service = await upstream(t, { body: 'ok' })
    const rateLimit = { limit: 5, window: '1m', by: 'header:x-client' } as const
    const { url } = await gatewayTo(t, [service.url], { route: { rateLimit } })
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(url, { headers: { 'x-client': 'a' } })))
    const statuses = answers.map(({ status }) => status)
    assert.deepEqual([statuses.filter(status => status === 200).length, statuses.length], [5, 12])
    assert.equal(service.requests.length, 5)
    assert.equal((await ask(url, { headers: { 'x-client': 'b' } })).headers['ratelimit'], '"header-x-client";r=4;t=60')
  })

  test('does not believe a forged X-Forwarded-For, and counts the clients of a trusted proxy apart', async t => {
    const service = await upstream(t, { body: 'ok' })
    const route = { rateLimit: { limit: 2, window: '1m' } } as const
    const asking = (url: string, from: string) => ask(url, { headers: { 'x-forwarded-for': from } })
    const open = await gatewayTo(t, [service.url], { route })
    const forged = []
    for (const last of [1, 2, 3]) forged.push((await asking(open.url, `192.0.2.${last}`)).status)
    assert.deepEqual(forged, [200, 200, 429])
    const behind = await gatewayTo(t, [service.url], { route, trustProxy: ['127.0.0.1'] })
    const trusted = []
    for (const last of [1, 1, 1, 2]) trusted.push((await asking(behind.url, `192.0.2.${last}`)).status)
    assert.deepEqual(trusted, [200, 200, 429, 200])
  })

  test('says how its limits stand on an answer of the gateway itself', async t => {
    const { url } = await gatewayTo(t, ['http://127.0.0.1:1'], { route: { rateLimit: { limit: 2, window: '1m' } } })
    const { status, headers } = await ask(url)
    assert.deepEqual([status, headers['ratelimit'], headers['ratelimit-policy']], [502, '"ip";r=1;t=60', '"ip";q=2;w=60'])
  })

  test('observed, refuses nobody', async t => {
    const service = await upstream(t, { body: 'ok' })
    const route = { rateLimit: { limit: 1, window: '1m' }, mode: 'observe' } as const
    const { url, adminUrl } = await gatewayTo(t, [service.url], { route })
    for (let count = 0; count < 3; count++) assert.equal((await ask(url)).status, 200)
    assert.match((await ask(`${adminUrl}/metrics`)).text, /^evergate_rate_limited_total\{route="\/"\} 2$/m)
  })
})

test('a client that leaves gives the place of its request back', async t => {
  const service = await upstream(t, ['hang', { body: 'ok' }])
  const rateLimit = { limit: 1, by: 'route', algorithm: 'concurrency' } as const
  const { url } = await gatewayTo(t, [service.url], { route: { rateLimit } })
  const leaving = request(url, { agent: false }).on('error', () => {})
  leaving.end()
  await until(() => service.requests.length === 1)
  assert.equal((await ask(url)).status, 429)
  leaving.destroy()
  await until(async () => (await ask(url)).status === 200)
})
