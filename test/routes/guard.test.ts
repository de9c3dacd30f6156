import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { running, shop } from './running.ts'

type Headers = Record<string, string>

const paths = ['/api/upstreams', '/api/routes', '/api/config', '/api/explain?url=/orders']

describe('without a token the admin API', () => {
  const table: readonly (readonly [what: string, headers: Headers, status: number])[] = [
    ['answers this machine by name', { host: 'localhost:9901' }, 200],
    ['answers this machine by address', { host: '127.0.0.1:9901' }, 200],
    ['answers any loopback address', { host: '127.9.9.9' }, 200],
    ['answers this machine by IPv6 address', { host: '[::1]:9901' }, 200],
    ['answers whatever the case and the final dot of the name', { host: 'LocalHost.:9901' }, 200],
    ['answers its own page', { host: 'localhost:9901', origin: 'http://localhost:9901', 'sec-fetch-site': 'same-origin' }, 200],
    ['answers an address that somebody typed', { host: 'localhost:9901', 'sec-fetch-site': 'none' }, 200],
    ['refuses any other host, which may be a foreign page’s name for this machine', { host: 'evil.test:9901' }, 403],
    ['refuses a host that only begins like this machine', { host: '127.0.0.1.evil.test' }, 403],
    ['refuses a host that only ends like this machine', { host: 'evil-localhost' }, 403],
    ['refuses another address', { host: '10.0.0.1:9901' }, 403],
    ['refuses another page', { host: 'localhost:9901', origin: 'http://evil.test' }, 403],
    ['refuses a page on another port', { host: 'localhost:9901', origin: 'http://localhost:8080' }, 403],
    ['refuses a page without an origin of its own', { host: 'localhost:9901', origin: 'null' }, 403],
    ['refuses what another site asks for', { host: 'localhost:9901', 'sec-fetch-site': 'cross-site' }, 403],
    ['refuses what another page of the site asks for', { host: 'localhost:9901', 'sec-fetch-site': 'same-site' }, 403]
  ]
  for (const [what, headers, status] of table) {
    test(what, async t => {
      const { admin } = await running(t, shop)
      for (const url of paths) assert.equal((await admin.inject({ url, headers })).statusCode, status, url)
      const action = await admin.inject({ method: 'POST', url: '/api/upstreams/shop/targets/second/drain', headers })
      assert.equal(action.statusCode, status, 'an action')
      if (status === 403) assert.equal(action.json().code, 'EG_FORBIDDEN')
    })
  }
})

describe('with a token the admin API', () => {
  const secured = { ...shop, admin: { address: '127.0.0.1:9901', token: 'a-secret-token' } }

  test('answers who shows it, from anywhere', async t => {
    const { admin } = await running(t, secured)
    for (const url of paths) {
      const response = await admin.inject({ url, headers: { host: 'gateway.test', authorization: 'Bearer a-secret-token' } })
      assert.equal(response.statusCode, 200, url)
    }
  })

  test('refuses who does not, this machine included, and says how', async t => {
    const { admin } = await running(t, secured)
    for (const authorization of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Bearer wrong',
      'bearer a-secret-token2',
      'Basic a-secret-token',
      'a-secret-token'
    ]) {
      const headers: Headers = { host: 'localhost', ...(authorization === undefined ? {} : { authorization }) }
      const response = await admin.inject({ url: '/api/config', headers })
      assert.deepEqual([response.statusCode, response.json().code], [401, 'EG_UNAUTHENTICATED'], `${authorization}`)
      assert.match(String(response.headers['www-authenticate']), /^Bearer realm=/)
      assert.doesNotMatch(response.body, /a-secret/)
    }
  })

  test('does not ask for it where probes and Prometheus look', async t => {
    const { admin } = await running(t, secured)
    for (const url of ['/livez', '/readyz', '/metrics'])
      assert.equal((await admin.inject({ url, headers: { host: 'gateway.test' } })).statusCode, 200, url)
  })
})

test('without an admin API there are only probes and metrics', async t => {
  const { admin } = await running(t, { ...shop, admin: false })
  assert.equal((await admin.inject('/livez')).statusCode, 200)
  for (const url of paths) assert.equal((await admin.inject(url)).statusCode, 404, url)
})
