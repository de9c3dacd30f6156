import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RateLimit } from '../../../src/model/rate-limit.ts'
import { legacyFields, policyField, retryAfter, standingField } from '../../../src/rate-limit/fields.ts'

const limit = (name: string, more: Partial<RateLimit> = {}): RateLimit => ({
  name,
  limit: 100,
  windowMs: 60_000,
  algorithm: 'sliding',
  by: 'ip',
  legacyHeaders: false,
  ...more
})

test('the policy names quota and window of each limit, and the unit of one without a window', () => {
  const limits = [
    limit('ip'),
    limit('brief', { windowMs: 250 }),
    limit('open', { algorithm: 'concurrency', windowMs: 0, limit: 4 })
  ]
  assert.equal(policyField(limits), '"ip";q=100;w=60, "brief";q=100;w=1, "open";q=4;qu="concurrent-requests"')
})

test('the standing says what is left, and in how many whole seconds all of it is back', () => {
  const standings = [
    { limit: limit('ip'), remaining: 99, resetMs: 59_001 },
    { limit: limit('open', { algorithm: 'concurrency' }), remaining: 0, resetMs: 0 }
  ]
  assert.equal(standingField(standings), '"ip";r=99;t=60, "open";r=0')
})

test('a client is never told to come back at once', () => {
  assert.deepEqual([retryAfter(0), retryAfter(1), retryAfter(1001)], ['1', '1', '2'])
})

test('the old fields are those of the limit that asked for them and has least left', () => {
  const old = { legacyHeaders: true }
  const standings = [
    { limit: limit('a', old), remaining: 5, resetMs: 1500 },
    { limit: limit('b', old), remaining: 2, resetMs: 10 },
    { limit: limit('c'), remaining: 0, resetMs: 0 }
  ]
  assert.deepEqual(legacyFields(standings), {
    'x-ratelimit-limit': '100',
    'x-ratelimit-remaining': '2',
    'x-ratelimit-reset': '1'
  })
  assert.equal(legacyFields(standings.slice(2)), undefined)
})
