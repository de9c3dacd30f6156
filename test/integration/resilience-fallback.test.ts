import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { build, type ConfigInput, type TestScope, upstream } from '../../src/testing.ts'
import { ask, askProblem } from '../support/ask.ts'
import { nowhere } from '../support/gateway.ts'
import { metricOf } from '../support/operator.ts'

const tenant = path.resolve(import.meta.dirname, '../../plugins/examples/tenant.ts')
const elsewhere = 'http://127.0.0.1:2'
type Group = NonNullable<ConfigInput['upstreams']>[string]
const base: Group = { balance: 'first', breaker: false, outliers: false, retry: { backoff: ['1ms', '2ms'] } }

/** A route to `main`, behind which stands `spare`. */
async function backed(t: TestScope, main: Group, spare: Group, more: ConfigInput = {}) {
  return build(t, {
    ...more,
    upstreams: { main: { ...base, ...main, failover: { group: 'spare', ...main.failover } }, spare: { ...base, ...spare } },
    routes: [{ prefix: '/', upstream: 'main' }]
  })
}

const drain = async (adminUrl: string, group: string, id: string) =>
  assert.equal((await fetch(`${adminUrl}/api/upstreams/${group}/targets/${id}/drain`, { method: 'POST' })).status, 200)

describe('a fallback group', () => {
  test('takes over when no target of the first is left, by its own rules, and is not asked before', async t => {
    const one = await upstream(t, { body: 'one' })
    const spare = await upstream(t, { body: 'spare' })
    const gateway = await backed(t, { targets: [{ url: one.url, id: 'one' }] }, { targets: [spare.url] })
    assert.equal((await ask(gateway.url)).text, 'one')
    assert.equal(spare.requests.length, 0)
    await drain(gateway.adminUrl, 'main', 'one')
    assert.equal((await ask(gateway.url)).text, 'spare')
    assert.equal(
      await metricOf(gateway, `evergate_attempts_total{upstream="spare",target="127.0.0.1:${spare.port}",outcome="200"}`),
      1
    )
  })

  test('is where a request goes on whose attempts at the first have failed', async t => {
    const spare = await upstream(t, { body: 'spare' })
    const { url } = await backed(t, { targets: [nowhere, elsewhere] }, { targets: [spare.url] })
    assert.equal((await ask(url)).text, 'spare')
  })

  test('has of its targets only those that a plugin leaves', async t => {
    const mine = await upstream(t, { body: 'mine' })
    const shared = await upstream(t, { body: 'shared' })
    const { url } = await backed(
      t,
      { targets: [nowhere] },
      { targets: [shared.url, { url: mine.url, labels: { tenant: 'blue' } }] },
      { plugins: [{ use: tenant }] }
    )
    assert.equal((await ask(url, { headers: { 'x-tenant': 'blue' } })).text, 'mine')
    assert.equal((await ask(url)).text, 'shared')
    assert.deepEqual([mine.requests.length, shared.requests.length], [1, 1])
  })

  test('brings nothing back that a plugin removed', async t => {
    const mine = await upstream(t, { body: 'mine' })
    const shared = await upstream(t, { body: 'shared' })
    const gateway = await backed(
      t,
      { targets: [{ url: mine.url, id: 'mine', labels: { tenant: 'blue' } }] },
      { targets: [shared.url] },
      { plugins: [{ use: tenant }] }
    )
    assert.equal((await ask(gateway.url, { headers: { 'x-tenant': 'blue' } })).text, 'mine')
    await drain(gateway.adminUrl, 'main', 'mine')
    const { code } = await askProblem(gateway.url, { headers: { 'x-tenant': 'blue' } })
    assert.equal(code, 'EG_NO_TARGET')
    assert.equal(shared.requests.length, 0)
  })

  test('that has nobody left either is said as it is, and not taken for overload', async t => {
    const gateway = await backed(t, { targets: [{ url: nowhere, id: 'a' }] }, { targets: [{ url: elsewhere, id: 'b' }] })
    await drain(gateway.adminUrl, 'main', 'a')
    await drain(gateway.adminUrl, 'spare', 'b')
    const { status, headers, text } = await ask(gateway.url)
    assert.deepEqual([status, JSON.parse(text).code, headers['retry-after']], [503, 'EG_NO_TARGET', '1'])
  })

  test('may have a fallback itself', async t => {
    const last = await upstream(t, { body: 'last' })
    const { url } = await build(t, {
      upstreams: {
        main: { ...base, targets: [nowhere], failover: { group: 'next' } },
        next: { ...base, targets: [elsewhere], failover: { group: 'last' } },
        last: { ...base, targets: [last.url] }
      },
      routes: [{ prefix: '/', upstream: 'main' }]
    })
    assert.equal((await ask(url)).text, 'last')
  })
})
