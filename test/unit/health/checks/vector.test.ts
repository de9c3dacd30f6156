import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readVector } from '../../../../src/health/checks/vector.ts'

describe('what a health answer in JSON says of the target', () => {
  test('all four fields, or those that are there', () => {
    const text = '{"status":"ok","cpu":0.25,"memory":1,"latency":12.5,"inFlight":7}'
    assert.deepEqual(readVector(text), { cpu: 0.25, memory: 1, latency: 12.5, inFlight: 7 })
    assert.deepEqual(readVector(' {"cpu":0}'), { cpu: 0 })
  })

  test('what is no such number is left out, and the rest is taken', () => {
    const text = '{"cpu":35,"memory":"0.5","latency":-1,"inFlight":3}'
    assert.deepEqual(readVector(text), { inFlight: 3 })
    assert.deepEqual(readVector('{"cpu":null,"memory":0.5,"latency":1e999}'), { memory: 0.5 })
  })

  for (const text of ['', 'ok', 'null', '[1]', '{', '{"cpu":0.5', '{}', '{"status":"ok"}', '"cpu"', '{"__proto__":{"cpu":1}}']) {
    test(`nothing in ${JSON.stringify(text)}`, () => assert.equal(readVector(text), undefined))
  }
})
