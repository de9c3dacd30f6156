import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { grpcMeaning, pushbackMs } from '../../../src/model/grpc-status.ts'

const grpc = { 'content-type': 'application/grpc+proto' }

describe('what a gRPC status stands for', () => {
  const table = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401]
  for (const [status, http] of table.entries()) {
    test(`${status}: ${http}`, () => assert.equal(grpcMeaning(200, grpc, { 'grpc-status': String(status) }), http))
  }

  test('what is no known number is UNKNOWN', () => {
    for (const text of ['17', '99', '-1', '1e1', '', 'OK', '0x0', '014'])
      assert.equal(grpcMeaning(200, grpc, { 'grpc-status': text }), 500, text)
  })

  test('only an answer of gRPC that came with 200 has one', () => {
    const fields = { 'grpc-status': '14' }
    assert.equal(grpcMeaning(404, grpc, fields), undefined)
    assert.equal(grpcMeaning(200, { 'content-type': 'application/json' }, fields), undefined)
    assert.equal(grpcMeaning(200, { 'content-type': 'application/grpcish' }, fields), undefined)
    assert.equal(grpcMeaning(200, {}, fields), undefined)
    assert.equal(grpcMeaning(200, grpc, {}), undefined)
    assert.equal(grpcMeaning(200, { 'content-type': 'Application/GRPC; charset=x' }, fields), 503)
  })
})

test('how long a gRPC answer asks to be left alone', () => {
  const never = Number.POSITIVE_INFINITY
  for (const [text, ms] of [
    ['0', 0],
    ['250', 250],
    ['-1', never],
    ['soon', never],
    ['1.5', never],
    ['', never]
  ] as const)
    assert.equal(pushbackMs(200, { ...grpc, 'grpc-retry-pushback-ms': text }), ms, text)
  assert.equal(pushbackMs(200, grpc), undefined)
  assert.equal(pushbackMs(503, { 'grpc-retry-pushback-ms': '5' }), undefined)
})
