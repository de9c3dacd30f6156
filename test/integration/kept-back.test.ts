import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { readCredentialFile } from '../../src/credentials/credential-file.ts'
import { addKey, documentText, putUser } from '../../src/credentials/edit-file.ts'
import { hashPassword } from '../../src/credentials/password.ts'
import { type Behaviour, build, type ConfigInput, type TestScope, type Upstream, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { temporary } from '../support/temporary.ts'
import { bearer, claims, hsToken, secret } from '../support/tokens.ts'

type Security = NonNullable<ConfigInput['security']>
type Auth = NonNullable<NonNullable<ConfigInput['routes']>[number]['auth']>

const token = hsToken(claims())
const introspected = 'aToken'
const password = { authorization: `Basic ${Buffer.from('ann:correct horse').toString('base64')}` }

/** A gateway with every kind of credential, of which it keeps back what is said. */
async function gatewayWith(t: TestScope, kept: 'all' | 'none', auth: Auth, services: readonly Behaviour[] = [{ body: 'here' }]) {
  const directory = await temporary(t)
  const opened = readCredentialFile('')
  assert.ok(opened.ok)
  const { document, file } = opened
  const key = addKey(document, file, { name: 'shop', created: '2026-01-01', scopes: [], labels: {} })
  const user = { name: 'ann', created: '2026-01-01', scopes: [], labels: {} }
  putUser(document, user, await hashPassword('correct horse', { logN: 4, r: 8, p: 1 }))
  await writeFile(path.join(directory, 'keys.yaml'), documentText(document))
  const issuer = await upstream(t, { body: '{"active":true,"sub":"eve"}' })
  const passOn = kept === 'none' ? {} : { passOn: false }
  const security: Security = {
    jwt: { secret, cookie: 'token', query: 'token', ...passOn },
    apiKeys: { file: 'keys.yaml', query: 'key', authorization: true, ...passOn },
    basic: { file: 'keys.yaml', ...passOn },
    introspection: { url: issuer.url, clientId: 'a', clientSecret: 'b', ...passOn }
  }
  const behind: Upstream[] = []
  for (const each of services) behind.push(await upstream(t, each))
  const gateway = await build(
    t,
    {
      upstreams: {
        api: {
          targets: behind.map(({ url }) => url),
          balance: 'first',
          retry: { attempts: 3, on: [503], backoff: ['0ms', '0ms'] },
          hedge: services.includes('hang') ? { after: '20ms', budget: 1 } : false
        }
      },
      security,
      routes: [{ prefix: '/', upstream: 'api', auth }]
    },
    { directory }
  )
  return { ...gateway, behind, key }
}

/** What a target got of a request that has these. */
function got({ behind }: Pick<Awaited<ReturnType<typeof gatewayWith>>, 'behind'>, target = 0) {
  const { url, headers } = behind[target]?.requests.at(-1) ?? {}
  return { url, authorization: headers?.['authorization'], cookie: headers?.['cookie'], key: headers?.['x-api-key'] }
}

const nothing = { url: '/x', authorization: undefined, cookie: undefined, key: undefined }

describe('a credential that let a request in', () => {
  test('goes on as it came, unless told otherwise', async t => {
    const gateway = await gatewayWith(t, 'none', ['jwt', 'apiKey'])
    const cookie = 'a=b; token=c'
    await ask(`${gateway.url}/x?key=1&token=2`, { headers: { ...bearer(token), cookie } })
    assert.deepEqual(got(gateway), { ...nothing, url: '/x?key=1&token=2', cookie, ...bearer(token) })
  })

  test('is kept back, whatever kind it is and wherever it stood; everything else goes on as it came', async t => {
    const gateway = await gatewayWith(t, 'all', ['jwt', 'apiKey', 'basic'])
    const { url, key } = gateway
    const check = async (target: string, headers: Record<string, string>, left: Partial<ReturnType<typeof got>>) => {
      assert.equal((await ask(`${url}${target}`, { headers })).status, 200)
      assert.deepEqual(got(gateway), { ...nothing, ...left }, `${target} ${Object.keys(headers)}`)
    }
    await check('/x', bearer(token), {})
    await check('/x', { authorization: `bEARER ${token}` }, {})
    await check('/x', { cookie: `token=${token}` }, {})
    await check('/x', { cookie: `a=b;token=${token}; c="d"` }, { cookie: 'a=b; c="d"' })
    await check(`/x?a=%7e+&token=${token}&&b`, {}, { url: '/x?a=%7e+&&b' })
    await check('/x', { 'x-api-key': key }, {})
    await check(`/x?key=${key}`, {}, {})
    await check('/x', { authorization: `ApiKey ${key}` }, {})
    await check('/x', password, {})
    // A cookie let it in: what is in Authorization is for the upstream.
    await check('/x', { cookie: `token=${token}`, ...password }, password)
    // Nobody has looked at the key.
    await check('/x', { ...bearer(token), 'x-api-key': key }, { key })
  })

  test('is kept back where its issuer was asked', async t => {
    const gateway = await gatewayWith(t, 'all', 'introspection')
    assert.equal((await ask(`${gateway.url}/x`, { headers: bearer(introspected) })).status, 200)
    assert.deepEqual(got(gateway), nothing)
  })

  test('is all of them where a route needs all', async t => {
    const gateway = await gatewayWith(t, 'all', { jwt: true, apiKey: true, require: 'all' })
    assert.equal((await ask(`${gateway.url}/x`, { headers: { ...bearer(token), 'x-api-key': gateway.key } })).status, 200)
    assert.deepEqual(got(gateway), nothing)
  })

  test('is kept back from every attempt: retries, and a hedge beside a slow one', async t => {
    const headers = { ...bearer(token), cookie: `a=b; token=${token}` }
    const retried = await gatewayWith(t, 'all', 'jwt', [{ status: 503 }, { status: 503 }, { body: 'here' }])
    assert.equal((await ask(`${retried.url}/x?a=b&token=c`, { headers })).text, 'here')
    for (const target of [0, 1, 2]) assert.deepEqual(got(retried, target), { ...nothing, url: '/x?a=b', cookie: 'a=b' })
    const hedged = await gatewayWith(t, 'all', 'jwt', ['hang', { body: 'here' }])
    assert.equal((await ask(`${hedged.url}/x?a=b&token=c`, { headers })).text, 'here')
    for (const target of [0, 1]) assert.deepEqual(got(hedged, target), { ...nothing, url: '/x?a=b', cookie: 'a=b' })
  })

  test('goes on where it is only observed and was not good', async t => {
    const gateway = await gatewayWith(t, 'all', { jwt: true, mode: 'observe' })
    const headers = bearer(`${token}x`)
    assert.equal((await ask(`${gateway.url}/x`, { headers })).status, 200)
    assert.deepEqual(got(gateway), { ...nothing, ...headers })
  })
})

test('what a plugin has put in the place of a credential goes on', async t => {
  const directory = await temporary(t)
  await writeFile(
    path.join(directory, 'exchange.ts'),
    `export default Object.assign(plugin, { [Symbol.for('skip-override')]: true })
    async function plugin(app) {
      // It sees what the client has shown.
      app.addHook('preHandler', async ({ raw }) => {
        if (raw.headers.authorization === 'Bearer ${token}') raw.headers.authorization = 'Bearer other'
      })
    }`
  )
  const service = await upstream(t, { body: 'here' })
  const { url } = await build(
    t,
    {
      upstreams: { api: { targets: [service.url] } },
      security: { jwt: { secret, passOn: false } },
      routes: [{ prefix: '/', upstream: 'api', auth: 'jwt' }],
      plugins: [{ use: './exchange.ts', name: 'exchange' }]
    },
    { directory }
  )
  await ask(url, { headers: bearer(token) })
  assert.equal(service.requests[0]?.headers['authorization'], 'Bearer other')
})
