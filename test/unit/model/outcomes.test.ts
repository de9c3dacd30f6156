import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { everyMethod, isIdempotent, isServedMethod } from '../../../src/model/methods.ts'
import { type FailureReason, outcomeName } from '../../../src/model/outcome.ts'
import { retryAfterMs } from '../../../src/model/retry-after.ts'
import { PerTarget } from '../../../src/model/target.ts'
import { judge } from '../../../src/model/verdict.ts'
import { aborted, answered } from '../fixtures/attempts.ts'
import { target } from '../fixtures/targets.ts'

const reasons: readonly FailureReason[] = ['refused', 'connect-timeout', 'tls', 'reset', 'timeout', 'protocol']

describe('the verdict', () => {
  test('on an answer is a failure from 500 on, but for what a server will never do', () => {
    for (const status of [200, 204, 304, 400, 404, 408, 429, 499, 501, 505])
      assert.equal(judge(answered(status)), 'success', `${status}`)
    for (const status of [500, 502, 503, 504, 507, 599]) assert.equal(judge(answered(status)), 'failure', `${status}`)
  })

  test('on a failure is a failure, sent or not', () => {
    for (const reason of reasons)
      for (const sent of [true, false]) assert.equal(judge({ kind: 'failure', reason, sent }), 'failure', reason)
  })

  test('ignores what was given up', () => assert.equal(judge(aborted), 'ignored'))
})

test('an outcome is named by its status or its reason', () => {
  assert.equal(outcomeName(answered(503)), '503')
  assert.equal(outcomeName(aborted), 'aborted')
  for (const reason of reasons) assert.equal(outcomeName({ kind: 'failure', reason, sent: true }), reason)
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0)
  for (const [field, ms] of [
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    ['999999999', 999_999_999_000],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['Thu Jan  1 12:00:30 2026', 30_000],
    ['', undefined],
    ['soon', undefined],
    ['99999999999', undefined]
  ] as const) {
    test(`${field} asks for ${ms === undefined ? 'nothing' : `${ms} ms`}`, () => assert.equal(retryAfterMs(field, now), ms))
  }

  test('asks for nothing when it is neither seconds nor a date as HTTP has it', () => {
    for (const field of ['1.5', '-5', '12 ', 'soon 2030', '2030-01-01']) assert.equal(retryAfterMs(field, now), undefined, field)
  })
})

describe('methods', () => {
  test('are all served but TRACE and CONNECT', () => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY']) {
      assert.ok(everyMethod.includes(method) && isServedMethod(method), method)
    }
    for (const method of ['TRACE', 'CONNECT', 'get', 'BREW', '']) assert.equal(isServedMethod(method), false, method)
  })

  test('may be sent twice when doing so does no more than once', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PROPFIND', 'QUERY'])
      assert.equal(isIdempotent(method), true, method)
    for (const method of ['POST', 'PATCH', 'COPY', 'LOCK', 'MKCOL', 'constructor'])
      assert.equal(isIdempotent(method), false, method)
  })
})

test('what is kept for a target is made once for each, by identity', () => {
  let made = 0
  const kept = new PerTarget(({ id }) => ({ id, number: ++made }))
  const [one, same] = [target('a'), target('a')]
  assert.deepEqual(kept.of(one), { id: 'a', number: 1 })
  assert.equal(kept.of(one), kept.of(one))
  assert.deepEqual(kept.of(same), { id: 'a', number: 2 })
})
