import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { accessList } from '../../../src/security/access-lists.ts'
import { clientAddress } from '../../../src/security/networks.ts'

describe('lists of networks', () => {
  for (const [allow, deny, table] of [
    [['10.0.0.0/8'], [], { '10.1.2.3': undefined, '::ffff:10.1.2.3': undefined, '192.0.2.1': 'allow', '::1': 'allow' }],
    [[], ['10.0.0.0/8'], { '10.1.2.3': 'deny', '::ffff:a01:203': 'deny', '192.0.2.1': undefined, '::1': undefined }],
    [['10.0.0.0/8'], ['10.9.0.0/16'], { '10.1.2.3': undefined, '10.9.2.3': 'deny', '192.0.2.1': 'allow' }],
    [['10.9.2.3'], ['10.0.0.0/8'], { '10.9.2.3': 'deny' }],
    [['2001:db8::/32'], [], { '2001:db8::1': undefined, '2001:db9::1': 'allow', '10.1.2.3': 'allow' }],
    [[], ['fe80::/10'], { 'fe80::1%eth0': 'deny', '10.1.2.3:4711': undefined }],
    [[], ['10.1.2.3', '::1'], { '10.1.2.3:4711': 'deny', '[::1]:4711': 'deny', '[::1]': 'deny' }],
    // Who cannot be placed is not let past a list.
    [[], ['10.0.0.0/8'], { '': 'deny', unknown: 'deny', '10.1': 'deny', '010.1.2.3': 'deny' }],
    [['0.0.0.0/0', '::/0'], [], { '': 'allow', unknown: 'allow' }]
  ] as const) {
    test(`allow [${allow}] and deny [${deny}]`, () => {
      const list = accessList({ allow, deny })
      for (const [ip, refusedBy] of Object.entries(table)) assert.equal(list?.refusedBy(ip), refusedBy, ip)
    })
  }

  test('that are empty are none', () => assert.equal(accessList({ allow: [], deny: [] }), undefined))
})

test('an address of a client is read without its port and interface', () => {
  for (const [written, address] of [
    ['192.0.2.1:80', '192.0.2.1'],
    ['[2001:db8::1]:80', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['fe80::1%en0', 'fe80::1'],
    ['192.0.2.1:80:80', undefined],
    ['192.0.2.1.', undefined],
    ['[192.0.2.1', undefined]
  ] as const)
    assert.equal(clientAddress(written), address, written)
})
