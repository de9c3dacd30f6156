import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { csrfRules } from '../../../src/browser/csrf.ts'

const token = '0123456789abcdef0123456789abcdef'
const rules = csrfRules({ cookie: 'XSRF-TOKEN', header: 'x-xsrf-token', origins: ['https://partner.example'] })
const faultOf = (headers: Record<string, string>, method = 'POST') => rules.fault({ method, headers, host: 'app.example' })

describe('a request that changes something', () => {
  const shown = { cookie: `session=1; XSRF-TOKEN=${token}`, 'x-xsrf-token': token }
  const table: readonly (readonly [what: string, headers: Record<string, string>, fault: 'origin' | 'token' | undefined])[] = [
    ['without cookies', {}, undefined],
    ['with the token in both places', shown, undefined],
    ['of a page of this origin', { ...shown, origin: 'https://app.example', 'sec-fetch-site': 'same-origin' }, undefined],
    ['that somebody typed', { ...shown, 'sec-fetch-site': 'none' }, undefined],
    ['of another site, by Sec-Fetch-Site', { ...shown, 'sec-fetch-site': 'cross-site' }, 'origin'],
    ['of a neighbour in the same site', { ...shown, 'sec-fetch-site': 'same-site' }, 'origin'],
    ['of another site, by Origin', { ...shown, origin: 'https://evil.test' }, 'origin'],
    ['of a page without an origin', { ...shown, origin: 'null' }, 'origin'],
    ['of a name that begins like this one', { ...shown, origin: 'https://app.example.evil.test' }, 'origin'],
    ['of another port of this name', { ...shown, origin: 'https://app.example:8443' }, 'origin'],
    ['of another site without cookies', { origin: 'https://evil.test' }, 'origin'],
    [
      'of an origin that is named',
      { cookie: 'session=1', origin: 'https://partner.example', 'sec-fetch-site': 'cross-site' },
      undefined
    ],
    ['with cookies and without a token', { cookie: 'session=1' }, 'token'],
    ['with the cookie alone', { cookie: shown.cookie }, 'token'],
    ['with the header alone', { cookie: 'session=1', 'x-xsrf-token': token }, 'token'],
    ['with another token', { cookie: shown.cookie, 'x-xsrf-token': token.replace('0', '1') }, 'token'],
    ['with an empty token', { cookie: 'XSRF-TOKEN=', 'x-xsrf-token': '' }, 'token'],
    ['with a token that is guessed', { cookie: 'XSRF-TOKEN=a', 'x-xsrf-token': 'a' }, 'token'],
    [
      'with a second cookie of a neighbour',
      { cookie: `XSRF-TOKEN=${'a'.repeat(32)}; ${shown.cookie}`, 'x-xsrf-token': token },
      'token'
    ],
    ['with a cookie whose name ends the same', { cookie: `X-XSRF-TOKEN=${token}`, 'x-xsrf-token': token }, 'token']
  ]
  for (const [what, headers, fault] of table)
    test(`${what} ${fault === undefined ? 'passes' : `is refused for its ${fault}`}`, () => {
      assert.equal(faultOf(headers), fault)
      for (const method of ['PUT', 'PATCH', 'DELETE', 'MKCOL']) assert.equal(faultOf(headers, method), fault)
    })
})

test('a request that only asks needs nothing', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS'])
    assert.equal(faultOf({ cookie: 'session=1', 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }, method), undefined)
})

test('a client without the cookie is told apart from one that has it', () => {
  assert.deepEqual([rules.lacks(undefined), rules.lacks('a=b'), rules.lacks(`XSRF-TOKEN=${token}`)], [true, true, false])
})
