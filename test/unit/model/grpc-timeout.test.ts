import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grpcTimeoutMs } from '../../../src/model/grpc-timeout.ts'

test('every unit of a gRPC deadline is read as milliseconds', () => {
  const cases = { '2H': 7_200_000, '3M': 180_000, '5S': 5000, '250m': 250, '5000u': 5, '9000000n': 9, '1n': 1 }
  for (const [field, ms] of Object.entries(cases)) assert.equal(grpcTimeoutMs(field), ms, field)
})

test('what is no gRPC deadline is none', () => {
  for (const field of [undefined, '', '5', 'S', '123456789S', '-1S', '1.5S', '5s', ['1S', '2S']]) {
    assert.equal(grpcTimeoutMs(field), undefined, String(field))
  }
})
