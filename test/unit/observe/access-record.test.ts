import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Exchange } from '../../../src/model/exchange.ts'
import { accessRecord, type FinishedRequest, redactedQuery, secretNames } from '../../../src/observe/access-record.ts'
import { answered, attempt, refused } from '../fixtures/attempts.ts'
import { group } from '../fixtures/groups.ts'
import { route } from '../fixtures/routes.ts'
import { target } from '../fixtures/targets.ts'

const finished: FinishedRequest = {
  id: 'r1',
  client: '192.0.2.7',
  method: 'GET',
  host: 'shop.test',
  path: '/orders/7',
  search: '?page=2&token=abc',
  status: 200,
  durationMs: 12.345,
  exchange: null,
  consumer: undefined,
  error: undefined
}

describe('the access record', () => {
  test('has what is known of every request, and no secret', () => {
    assert.deepEqual(accessRecord(finished, secretNames([])), {
      id: 'r1',
      client: '192.0.2.7',
      method: 'GET',
      host: 'shop.test',
      path: '/orders/7?page=2&token=***',
      status: 200,
      ms: 12.3
    })
  })

  test('has the route, the upstream and every attempt of one that was forwarded', () => {
    const [a, b, c] = [target('a'), target('b'), target('c')]
    const exchange = new Exchange('r1', route('/orders'), group('shop', [a, b, c]), '/orders/7', '', 0)
    exchange.attempts.push(attempt(a, 1, refused, 1.26), attempt(b, 2, answered(200), 12), {
      ...attempt(c, 3),
      endedAt: undefined
    })
    const record = accessRecord({ ...finished, exchange }, secretNames([]))
    assert.equal(record['route'], '/orders')
    assert.equal(record['upstream'], 'shop')
    assert.deepEqual(record['attempts'], [
      { target: 'a', outcome: 'refused', ms: 0.3 },
      { target: 'b', outcome: '200', ms: 10 },
      { target: 'c', outcome: 'unfinished', ms: 0 }
    ])
    assert.ok(!('error' in record))
  })

  test('has the code of an answer that the gateway made itself', () => {
    assert.equal(accessRecord({ ...finished, error: 'EG_TIMEOUT' }, secretNames([]))['error'], 'EG_TIMEOUT')
  })
})

describe('a query that is logged', () => {
  const hidden = secretNames(['x-own', 'a.b', 'c[d]'])
  for (const [search, shown] of [
    ['', ''],
    ['?', '?'],
    ['?a=1&b=2', '?a=1&b=2'],
    ['?token=abc', '?token=***'],
    ['?access_token=abc&refresh_token=def', '?access_token=***&refresh_token=***'],
    ['?TOKEN=abc', '?TOKEN=***'],
    ['?idToken=abc', '?idToken=***'],
    ['?client_secret=a', '?client_secret=***'],
    ['?password=a&passwd=b', '?password=***&passwd=***'],
    ['?api_key=a&apikey=b&api-key=c', '?api_key=***&apikey=***&api-key=***'],
    ['?X-Amz-Signature=a&X-Amz-Credential=b', '?X-Amz-Signature=***&X-Amz-Credential=***'],
    ['?key=a&sig=b&code=c&auth=d', '?key=***&sig=***&code=***&auth=***'],
    // Names that only contain a short word are no secrets.
    ['?monkey=a&postcode=b&author=c&design=d', '?monkey=a&postcode=b&author=c&design=d'],
    // The name may come in disguise.
    ['?t%6Fken=abc', '?t%6Fken=***'],
    ['?user[token]=abc&user%5Btoken%5D=def', '?user[token]=***&user%5Btoken%5D=***'],
    ['?token=a=b&token=', '?token=***&token=***'],
    ['?token', '?token'],
    ['?%zz=1&tok%en=2', '?%zz=1&tok%en=2'],
    ['?token=%zz', '?token=***'],
    // Names that the operator gives are taken as they are, not as patterns.
    ['?x-own=1&X-OWN=2', '?x-own=***&X-OWN=***'],
    ['?a.b=1&axb=2', '?a.b=***&axb=2'],
    ['?c[d]=1&cd=2&c=3', '?c[d]=***&cd=2&c=3']
  ] as const) {
    test(`${search || 'of nothing'} is ${shown || 'nothing'}`, () => assert.equal(redactedQuery(search, hidden), shown))
  }
})
