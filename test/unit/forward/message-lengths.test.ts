import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageLengths } from '../../../src/forward/message-lengths.ts'
import { seededRandom } from '../../../src/testing.ts'
import { framed } from '../../support/grpc.ts'

test('the longest message is found, whatever the pieces', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 200; round++) {
    const lengths = Array.from({ length: 8 }, () => Math.floor(random() ** 4 * 3000))
    const bytes = Buffer.concat(lengths.map(length => framed(Buffer.alloc(length, 255))))
    const found = new MessageLengths()
    for (let at = 0; at < bytes.length; ) {
      const next = at + 1 + Math.floor(random() ** 3 * 1500)
      found.add(bytes.subarray(at, next))
      at = next
    }
    assert.equal(found.longest, Math.max(...lengths))
  }
})

test('it is known as soon as its length has come', () => {
  const found = new MessageLengths()
  found.add(Buffer.from([0, 255, 255, 255]))
  assert.equal(found.longest, 0)
  found.add(Buffer.from([254]))
  assert.equal(found.longest, 0xffff_fffe)
})
