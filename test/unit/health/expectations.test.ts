import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readBodyExpectation, readStatuses } from '../../../src/health/options.ts'

describe('expected statuses', () => {
  const accepted = (written: string | number) =>
    [100, 199, 200, 204, 299, 300, 301, 399, 401, 500, 599].filter(status => readStatuses(written)?.(status))

  test('single ones, ranges with both ends, and lists of them', () => {
    assert.deepEqual(accepted('200-399'), [200, 204, 299, 300, 301, 399])
    assert.deepEqual(accepted('200-299,401'), [200, 204, 299, 401])
    assert.deepEqual(accepted(' 204 , 301 - 399'), [204, 301, 399])
    assert.deepEqual(accepted(200), [200])
  })

  for (const written of ['', '20', '2xx', '200-', '-200', '399-200', '600', '200;204', '200,', '099', 1000, 'ok']) {
    test(`${JSON.stringify(written)} is no list of statuses`, () => assert.equal(readStatuses(written), undefined))
  }
})

describe('expected bodies', () => {
  test('a text is contained as it is', () => {
    assert.equal(readBodyExpectation('a.b')?.('xx a.b yy'), true)
    assert.equal(readBodyExpectation('a.b')?.('axb'), false)
  })

  test('between slashes it is a regular expression, with flags', () => {
    assert.equal(readBodyExpectation('/^a.b$/')?.('axb'), true)
    assert.equal(readBodyExpectation('/OK/i')?.('all ok'), true)
    assert.equal(readBodyExpectation('/OK/')?.('all ok'), false)
    assert.equal(readBodyExpectation('/a/b')?.('x /a/b y'), true)
  })

  test('an expression says the same about the same text again', () => {
    const expectation = readBodyExpectation('/ok/')
    assert.deepEqual([expectation?.('ok'), expectation?.('ok'), expectation?.('ok')], [true, true, true])
  })

  test('an expression that is none is refused', () => assert.equal(readBodyExpectation('/(/'), undefined))
})
