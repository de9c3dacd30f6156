import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressBlock, ConnectionLimit } from '../../../src/security/connection-limit.ts'
import { Networks } from '../../../src/security/networks.ts'

const nobody = new Networks([])

describe('connections of an address', () => {
  test('are bounded, each address for itself, and one that is closed makes room', () => {
    const limit = new ConnectionLimit(2, nobody)
    const first = limit.open('192.0.2.1')
    assert.ok(first !== undefined && limit.open('::ffff:192.0.2.1') !== undefined)
    assert.equal(limit.open('192.0.2.1'), undefined)
    assert.ok(limit.open('192.0.2.2') !== undefined)
    first()
    assert.ok(limit.open('192.0.2.1') !== undefined)
    assert.equal(limit.open('192.0.2.1'), undefined)
  })

  test('are not counted without a bound, and not for proxies, behind which many are', () => {
    const none = new ConnectionLimit(0, nobody)
    const proxies = new ConnectionLimit(1, new Networks(['10.0.0.0/8']))
    for (let count = 0; count < 100; count++) {
      assert.ok(none.open('192.0.2.1') !== undefined)
      assert.ok(proxies.open('10.0.0.1') !== undefined)
    }
  })

  test('are those of a /64 together where it is IPv6', () => {
    for (const [address, block] of [
      ['2001:db8::1', '2001:db8:0:0'],
      ['2001:db8:0:0:ffff::', '2001:db8:0:0'],
      ['2001:0db8:0000:0001:0:0:0:1', '2001:db8:0:1'],
      ['::1', '0:0:0:0'],
      ['fe80::1%eth0', 'fe80:0:0:0'],
      ['::ffff:192.0.2.1', '192.0.2.1'],
      ['192.0.2.1', '192.0.2.1'],
      ['', '']
    ] as const)
      assert.equal(addressBlock(address), block, address)
  })
})
