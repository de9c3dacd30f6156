import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ConfigInput, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { bearer, claims, hsToken, secret } from '../support/tokens.ts'

type Route = Partial<NonNullable<ConfigInput['routes']>[number]>

const verifier = { secret, algorithms: ['HS256' as const] }
const tokenOf = (tenant: string) => hsToken(claims({ tenant }))

/** A service that says what it was asked, and lets everybody keep it. */
async function told(t: Parameters<typeof upstream>[0], route: Route, security: object = { jwt: verifier }) {
  const service = await upstream(t, ({ url, headers }, response) => {
    response.writeHead(200, { 'cache-control': 'public, max-age=60', 'content-type': 'text/plain' })
    response.end(`${url} ${headers['x-tenant'] ?? ''}`)
  })
  const gateway = await gatewayTo(t, [service.url], { security, route: { cache: true, auth: 'jwt', ...route } })
  const get = async (tenant: string) => (await ask(`${gateway.url}/orders`, { headers: bearer(tokenOf(tenant)) })).text
  return { service, gateway, get }
}

describe('what a cached answer depends on', () => {
  test('is the path that is made from who asks', async t => {
    const { service, get } = await told(t, { transform: { path: '/{claim:tenant}{rest}' } })
    assert.deepEqual([await get('a'), await get('b'), await get('a')], ['/a/orders ', '/b/orders ', '/a/orders '])
    assert.equal(service.requests.length, 2)
  })

  test('is a header that is made from who asks', async t => {
    const { service, get } = await told(t, { transform: { request: { set: { 'x-tenant': '{claim:tenant}' } } } })
    assert.deepEqual([await get('a'), await get('b'), await get('b')], ['/orders a', '/orders b', '/orders b'])
    assert.equal(service.requests.length, 2)
  })

  test('is a header of the answer that is made from who asks', async t => {
    const service = await upstream(t, { headers: { 'cache-control': 'max-age=60' } })
    const set = { 'access-control-allow-origin': '{header:origin}' }
    const { url } = await gatewayTo(t, [service.url], { route: { cache: true, transform: { response: { set } } } })
    const get = async (origin: string) => (await ask(url, { headers: { origin } })).headers['access-control-allow-origin']
    assert.deepEqual([await get('http://a'), await get('http://b'), await get('http://a')], ['http://a', 'http://b', 'http://a'])
    assert.equal(service.requests.length, 2)
  })

  test('is a parameter that is made from who asks', async t => {
    const { get } = await told(t, { transform: { query: { set: { tenant: '{claim:tenant}' } } } })
    assert.deepEqual([await get('a'), await get('b')], ['/orders?tenant=a ', '/orders?tenant=b '])
  })

  test('is not a credential that the upstream never sees', async t => {
    const security = { jwt: { ...verifier, query: 'token', passOn: false } }
    const { service, gateway } = await told(t, {}, security)
    for (const tenant of ['a', 'b']) {
      const { text } = await ask(`${gateway.url}/orders?page=1&token=${tokenOf(tenant)}`)
      assert.equal(text, '/orders?page=1 ')
    }
    assert.equal(service.requests.length, 1)
  })
})
