import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import origin from '../../plugins/origin.ts'
import type { Origin } from '../../src/forward/forwarded.ts'
import { route } from '../unit/fixtures/routes.ts'
import { originOptions, reading } from './bare.ts'

/** What is known of a request that came in so. */
async function originOf(
  t: TestContext,
  trusted: readonly string[],
  { peer = '192.0.2.7', headers = {} }: { peer?: string; headers?: Record<string, string> } = {}
): Promise<Origin & { readonly answered: unknown }> {
  const options = originOptions(trusted)
  const app = reading(t, [route('/')], options)
  await app.register(origin, options)
  app.get('/*', async request => request.origin)
  const response = await app.inject({ url: '/x', remoteAddress: peer, headers: { host: 'Shop.test:8080', ...headers } })
  return { ...response.json(), answered: response.headers['x-request-id'] }
}

describe('of a request is known', () => {
  test('who sent it, over what and for whom', async t => {
    const { peer, trusted, protocol, host, httpVersion, pseudonym } = await originOf(t, [])
    assert.deepEqual(
      { peer, trusted, protocol, host, httpVersion, pseudonym },
      {
        peer: '192.0.2.7',
        trusted: false,
        protocol: 'http',
        host: 'Shop.test:8080',
        httpVersion: '1.1',
        pseudonym: 'evergate-test'
      }
    )
  })

  test('an IPv4 client by its IPv4 address', async t => {
    const { peer, trusted } = await originOf(t, ['192.0.2.0/24'], { peer: '::ffff:192.0.2.7' })
    assert.deepEqual([peer, trusted], ['192.0.2.7', true])
  })

  test('whether the peer is trusted, not whom it speaks for', async t => {
    const { trusted } = await originOf(t, ['10.0.0.0/8'], { headers: { 'x-forwarded-for': '10.0.0.1' } })
    assert.equal(trusted, false)
  })
})

describe('the id of a request', () => {
  test('stands on its answer and begins its trace', async t => {
    const { requestId, answered, traceparent } = await originOf(t, [])
    assert.equal(requestId, `${'0'.repeat(31)}1`)
    assert.equal(answered, requestId)
    assert.equal(traceparent, `00-${requestId}-${'0'.repeat(15)}2-01`)
  })

  test('is a trusted client’s own where it is well formed, and nobody else’s', async t => {
    const own = { 'x-request-id': 'abc-1_2.3:/+=@' }
    assert.equal((await originOf(t, ['192.0.2.7'], { headers: own })).requestId, own['x-request-id'])
    assert.notEqual((await originOf(t, [], { headers: own })).requestId, own['x-request-id'])
    assert.notEqual((await originOf(t, ['192.0.2.8'], { headers: own })).requestId, own['x-request-id'])
    for (const odd of ['', 'a b', 'a"b', 'é', 'x'.repeat(129), '<script>']) {
      const { requestId } = await originOf(t, ['192.0.2.7'], { headers: { 'x-request-id': odd } })
      assert.match(requestId, /^[0-9a-f]{32}$/, odd)
    }
  })

  test('is a trace id only where it is one', async t => {
    const trace = 'a'.repeat(32)
    const given = (id: string) => originOf(t, ['192.0.2.7'], { headers: { 'x-request-id': id } })
    assert.match((await given(trace)).traceparent, new RegExp(`^00-${trace}-`))
    for (const id of ['abc', '0'.repeat(32), 'A'.repeat(32)]) {
      const { traceparent } = await given(id)
      assert.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
      assert.ok(!traceparent.includes(id), id)
    }
  })
})
