import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Consumer } from '../../../src/model/consumer.ts'
import { addressKey } from '../../../src/rate-limit/address-key.ts'
import { type CountedRequest, limitKey } from '../../../src/rate-limit/limit-key.ts'

const addresses: readonly [string, string][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['not:an:address', 'not:an:address'],
  ['1::2::3', '1::2::3'],
  ['1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8:9'],
  ['', '']
]
for (const [address, key] of addresses) test(`"${address}" is counted as "${key}"`, () => assert.equal(addressKey(address), key))

const consumer: Consumer = {
  name: 'shop',
  kind: 'apiKey',
  scopes: new Set(),
  labels: {},
  claims: { tenant: 't1', roles: ['a', 'b'], nothing: null }
}
const request = (more: Partial<CountedRequest> = {}): CountedRequest => ({ headers: {}, ip: '192.0.2.1', ...more })
const key = (by: string, of: CountedRequest, plugin?: string | number) => limitKey(by, () => plugin)(of)

test('requests of one header, consumer, claim or plugin key are counted together', () => {
  assert.equal(key('header:x-a', request({ headers: { 'x-a': 'one' } })), '=one')
  assert.equal(key('consumer', request({ consumer })), '=shop')
  assert.equal(key('claim:tenant', request({ consumer })), '=t1')
  assert.equal(key('claim:roles', request({ consumer })), '=["a","b"]')
  assert.equal(key('plugin:x', request(), 7), '=7')
  assert.equal(key('route', request()), key('route', request({ ip: '192.0.2.2' })))
})

test('a request that lacks what is asked for is counted by its address, which nobody can claim by a text', () => {
  for (const by of ['header:x-a', 'consumer', 'claim:tenant', 'claim:nothing', 'plugin:x']) {
    const lacking = by === 'claim:nothing' ? request({ consumer }) : request({ consumer: null })
    assert.equal(key(by, lacking), '@192.0.2.1')
  }
  assert.equal(key('header:x-a', request({ headers: { 'x-a': '' } })), '@192.0.2.1')
  assert.notEqual(key('header:x-a', request({ headers: { 'x-a': '@192.0.2.1' } })), '@192.0.2.1')
})

test('no key is long, and a long text is not a short one', () => {
  const long = key('header:x-a', request({ headers: { 'x-a': 'a'.repeat(10_000) } }))
  assert.ok(long.length < 50)
  assert.notEqual(key('header:x-a', request({ headers: { 'x-a': long.slice(1) } })), long)
})
