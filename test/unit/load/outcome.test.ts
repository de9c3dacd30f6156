import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failureOf } from '../../../src/load/outcome.ts'

function coded(code: string): Error {
  return Object.assign(new Error(`failed with ${code}`), { code })
}

for (const [code, failure] of [
  ['ECONNREFUSED', 'refused'],
  ['ENOTFOUND', 'refused'],
  ['ECONNRESET', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['HPE_INVALID_CONSTANT', 'other']
] as const) {
  test(`${code} counts as ${failure}`, () => {
    assert.deepEqual(failureOf(coded(code)), { kind: 'failure', failure, reason: `failed with ${code}` })
  })
}

test('a name with several addresses counts as its first failure', () => {
  const outcome = failureOf(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')], ''))
  assert.deepEqual(outcome, { kind: 'failure', failure: 'refused', reason: 'ECONNREFUSED' })
})

test('what is no error at all is named as it is', () => {
  assert.deepEqual(failureOf('odd'), { kind: 'failure', failure: 'other', reason: 'odd' })
})
