import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Networks, plainAddress } from '../../../src/security/networks.ts'

describe('networks', () => {
  const table: readonly (readonly [network: string, inside: readonly string[], outside: readonly string[]])[] = [
    [
      '10.0.0.0/8',
      ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'],
      ['9.255.255.255', '11.0.0.0', '::ffff:11.0.0.1', '::10.1.2.3']
    ],
    ['192.0.2.7', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
    ['192.0.2.128/25', ['192.0.2.128', '192.0.2.255'], ['192.0.2.127']],
    ['0.0.0.0/0', ['1.2.3.4', '255.255.255.255'], ['::1']],
    ['10.0.0.1/32', ['10.0.0.1'], ['10.0.0.2']],
    ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['::2', '127.0.0.1']],
    ['2001:db8::/32', ['2001:db8::1', '2001:DB8:ffff::'], ['2001:db9::', '::1']],
    ['fe80::/10', ['fe80::1', 'febf::1'], ['fec0::1']],
    ['::/0', ['::1', '2001:db8::1'], ['192.0.2.1', '::ffff:192.0.2.1']],
    ['::ffff:10.0.0.0/104', ['10.1.2.3', '::ffff:10.1.2.3'], ['11.0.0.1', '::a00:1']],
    ['::ffff:c000:207', ['192.0.2.7'], ['192.0.2.8']]
  ]
  for (const [network, inside, outside] of table) {
    test(`${network} has ${inside.join(' ')}${outside.length > 0 ? ` and not ${outside.join(' ')}` : ''}`, () => {
      const networks = new Networks([network])
      for (const address of inside) assert.equal(networks.has(address), true, address)
      for (const address of outside) assert.equal(networks.has(address), false, address)
    })
  }

  test('may be several, of both families', () => {
    const networks = new Networks(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'])
    for (const address of ['10.9.9.9', '2001:db8::9', '192.0.2.7']) assert.equal(networks.has(address), true, address)
    assert.equal(networks.has('192.0.2.8'), false)
    assert.equal(networks.empty, false)
  })

  test('may be none, which has nobody', () => {
    const none = new Networks([])
    assert.equal(none.empty, true)
    for (const address of ['127.0.0.1', '::1', '', 'x']) assert.equal(none.has(address), false)
  })

  test('have nothing that is no address', () => {
    const all = new Networks(['0.0.0.0/0', '::/0'])
    for (const address of [
      '',
      'localhost',
      '10.0.0',
      '10.0.0.256',
      '10.0.0.1:80',
      '[::1]',
      ' 10.0.0.1',
      '010.0.0.1',
      '1.2.3.4,5.6.7.8'
    ])
      assert.equal(all.has(address), false, address)
  })

  test('of another form are refused', () => {
    for (const wrong of [
      '',
      'x',
      '10.0.0',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/-1',
      '10.0.0.0/1.5',
      '10.0.0.0/x',
      'localhost',
      '010.0.0.1'
    ])
      assert.throws(() => new Networks([wrong]), RangeError, wrong)
  })
})

test('an IPv4 address that came over an IPv6 socket is the IPv4 address', () => {
  assert.equal(plainAddress('::ffff:192.0.2.7'), '192.0.2.7')
  for (const address of ['192.0.2.7', '::1', '2001:db8::ffff:1', '']) assert.equal(plainAddress(address), address)
})

test('an IPv4 address is the same in hexadecimal and in capitals', () => {
  const networks = new Networks(['10.0.0.0/8'])
  for (const address of ['::FFFF:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:ffff:10.1.2.3'])
    assert.equal(networks.has(address), true, address)
})
