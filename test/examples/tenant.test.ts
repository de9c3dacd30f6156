import assert from 'node:assert/strict'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { build, upstream } from '../../src/testing.ts'

const directory = path.resolve(import.meta.dirname, '../..')

/** Two targets of everybody's and one of acme's, each of which answers with its name. */
async function shop(t: TestContext, options: Record<string, string> = {}) {
  const [one, two, acme] = await Promise.all(['one', 'two', 'acme'].map(body => upstream(t, { body })))
  assert.ok(one && two && acme)
  const gateway = await build(
    t,
    {
      upstreams: {
        shop: {
          targets: [one.url, two.url, { url: acme.url, labels: { tenant: 'acme' } }],
          balance: 'round-robin'
        }
      },
      routes: [{ prefix: '/', upstream: 'shop' }],
      plugins: [{ use: './plugins/examples/tenant.ts', options }]
    },
    { directory }
  )
  return { acme, ask: (headers: Record<string, string>) => fetch(gateway.url, { headers }) }
}

test('a tenant gets its own targets and nobody else does', async t => {
  const { ask } = await shop(t)
  const asked = async (headers: Record<string, string>) => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(headers)))
    return new Set(await Promise.all(answers.map(async answer => `${answer.headers.get('x-tenant')}: ${await answer.text()}`)))
  }
  assert.deepEqual(await asked({ 'x-tenant': 'acme' }), new Set(['acme: acme']))
  assert.deepEqual(await asked({ 'x-tenant': 'zenith' }), new Set(['shared: one', 'shared: two']))
  assert.deepEqual(await asked({}), new Set(['shared: one', 'shared: two']))
})

test('the header is an option', async t => {
  const { ask } = await shop(t, { header: 'X-Customer' })
  const answer = await ask({ 'x-customer': 'acme' })
  assert.deepEqual([answer.headers.get('x-customer'), await answer.text()], ['acme', 'acme'])
})

test('a tenant whose targets are down gets no one else instead', async t => {
  const { acme, ask } = await shop(t)
  await acme.close()
  const answer = await ask({ 'x-tenant': 'acme' })
  const { code } = (await answer.json()) as { code: string }
  assert.deepEqual([answer.status, code], [502, 'EG_UPSTREAM_FAILED'])
})

test('a fallback group is narrowed too', async t => {
  const [everybody, acme] = await Promise.all(['everybody', 'acme'].map(body => upstream(t, { body })))
  assert.ok(everybody && acme)
  const { url } = await build(
    t,
    {
      upstreams: {
        shop: { targets: ['http://127.0.0.1:1'], failover: { group: 'reserve' } },
        reserve: { targets: [everybody.url, { url: acme.url, labels: { tenant: 'acme' } }] }
      },
      routes: [{ prefix: '/', upstream: 'shop' }],
      plugins: [{ use: './plugins/examples/tenant.ts' }]
    },
    { directory }
  )
  const ask = async (tenant: string) => (await fetch(url, { headers: { 'x-tenant': tenant } })).text()
  assert.deepEqual([await ask('acme'), await ask('zenith')], ['acme', 'everybody'])
})
