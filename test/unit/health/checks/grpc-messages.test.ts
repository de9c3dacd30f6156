import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkRequest, servingStatusOf } from '../../../../src/health/checks/grpc-messages.ts'

const frame = (...message: number[]) => Buffer.from([0, 0, 0, 0, message.length, ...message])

describe("gRPC's two messages of a health check", () => {
  test('a request names the service, or nothing', () => {
    assert.deepEqual([...checkRequest('')], [0, 0, 0, 0, 0])
    assert.deepEqual([...checkRequest('ab')], [0, 0, 0, 0, 4, 0x0a, 2, 97, 98])
  })

  test('a long name has its length in two bytes', () => {
    const request = checkRequest('x'.repeat(300))
    assert.deepEqual([...request.subarray(0, 8)], [0, 0, 0, 1, 47, 0x0a, 0xac, 0x02])
    assert.equal(request.length, 5 + 3 + 300)
  })

  test('an answer says its status; absent, it is 0', () => {
    assert.equal(servingStatusOf(frame(0x08, 1)), 1)
    assert.equal(servingStatusOf(frame(0x08, 2)), 2)
    assert.equal(servingStatusOf(frame()), 0)
  })

  test('unknown fields of every kind are stepped over', () => {
    const others = [0x10, 0x96, 0x01, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x22, 2, 9, 9, 0x2d, 1, 2, 3, 4]
    assert.equal(servingStatusOf(frame(...others, 0x08, 1)), 1)
    assert.equal(servingStatusOf(frame(0x08, 1, ...others)), 1)
  })

  test('what is no such message has no status', () => {
    const compressed = Buffer.from([1, 0, 0, 0, 2, 0x08, 1])
    const short = Buffer.from([0, 0, 0, 0, 9, 0x08, 1])
    const bad = [
      Buffer.alloc(0),
      Buffer.alloc(4),
      compressed,
      short,
      frame(0x08),
      frame(0x0f, 1),
      frame(0x22, 200),
      frame(0x08, 0xff)
    ]
    for (const bytes of bad) assert.equal(servingStatusOf(bytes), undefined, bytes.toString('hex'))
  })

  test('no bytes make it fail or read beyond the message', () => {
    for (let seed = 0; seed < 5000; seed++) {
      const message = Array.from({ length: seed % 12 }, (_, index) => (Math.imul(seed + 1, 0x9e3779b1) >>> (index * 2)) & 0xff)
      const status = servingStatusOf(frame(...message))
      assert.ok(status === undefined || status >= 0)
    }
  })
})
