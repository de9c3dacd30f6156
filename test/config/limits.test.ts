import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import { configOf, parseText, problemsOf } from './reading.ts'

const routeWith = (rateLimit: string, more = '') =>
  `upstreams: { a: { targets: [http://a] } }\nroutes:\n  - prefix: /\n    upstream: a\n    rateLimit: ${rateLimit}\n${more}`
const limitsOf = (rateLimit: string, more?: string) => configOf(routeWith(rateLimit, more)).routes[0]?.rateLimits

function warningsOf(text: string): string[] {
  const result = parseText(text)
  assert.ok(result.ok)
  return result.warnings.map(formatProblem)
}

describe('rateLimit', () => {
  test('has defaults, in a list too', () => {
    const byAddress = { name: 'ip', limit: 5, windowMs: 60_000, algorithm: 'sliding', by: 'ip', legacyHeaders: false }
    assert.deepEqual(limitsOf('{ limit: 5, window: 1m }'), [byAddress])
    assert.deepEqual(limitsOf('[{ limit: 5, window: 1m }]'), [byAddress])
    assert.deepEqual(limitsOf('false'), [])
  })

  test('gives each limit a name of its own', () => {
    const text = `
      - { limit: 5, window: 1s }
      - { limit: 50, window: 1m }
      - { limit: 5, window: 1s, by: 'header:X-Api-Key' }
      - { limit: 9, algorithm: concurrency, by: consumer, name: open }`
    assert.deepEqual(
      limitsOf(text)?.map(({ name, by }) => [name, by]),
      [
        ['ip', 'ip'],
        ['ip-2', 'ip'],
        ['header-x-api-key', 'header:x-api-key'],
        ['open', 'consumer']
      ]
    )
  })

  test('is taken from the defaults, key by key', () => {
    const [limit] = limitsOf('{ limit: 5 }', 'defaults: { rateLimit: { limit: 9, window: 1h, by: route } }\n') ?? []
    assert.deepEqual([limit?.limit, limit?.windowMs, limit?.by], [5, 3_600_000, 'route'])
  })

  const refused: readonly [string, string][] = [
    [
      '{ limit: 0, window: 1m }',
      'g.yaml:5:25  routes[0].rateLimit.limit  0 would refuse every request; accepted: 1 or more, or rateLimit: false for any number'
    ],
    [
      '{ limit: 1 }',
      'g.yaml:5:16  routes[0].rateLimit.window  is missing, and sliding needs it; accepted: a duration such as 1m'
    ],
    [
      '{ limit: 1, window: 1m, algorithm: concurrency }',
      'g.yaml:5:36  routes[0].rateLimit.window  has no meaning for concurrency, which counts requests under way; accepted: no window'
    ],
    [
      '{ limit: 1, window: 0s }',
      'g.yaml:5:36  routes[0].rateLimit.window  "0s" is too short; accepted: more than 0, a number with a unit: ms, s, m, h, d, such as 250ms or 5s'
    ],
    [
      "[{ limit: 1, window: 1m }, { limit: 1, window: 1m, by: 'cookie:a' }]",
      'g.yaml:5:71  routes[0].rateLimit[1].by  "cookie:a" is no key of a rate limit; accepted: ip, route, consumer, claim:NAME, header:NAME or plugin:NAME'
    ],
    [
      '[{ limit: 1, window: 1m, name: a }, { limit: 2, window: 1h, name: a }]',
      'g.yaml:5:82  routes[0].rateLimit[1].name  a is the name of rateLimit[0] too; accepted: a name of its own'
    ]
  ]
  for (const [text, problem] of refused)
    test(`is refused: ${text}`, () => assert.deepEqual(problemsOf(routeWith(text)), [problem]))

  test('by consumer on a route that knows nobody is warned of', () => {
    assert.deepEqual(warningsOf(routeWith('{ limit: 1, window: 1m, by: consumer }')), [
      'g.yaml:5:16  routes[0].rateLimit  by: consumer counts by address here: the route has no auth, and knows nobody'
    ])
  })
})

describe('store', () => {
  const withStore = (store: string) => `store: ${store}\n${routeWith('{ limit: 1, window: 1m }')}`

  test('is memory, one server, or the nodes of a cluster', () => {
    assert.equal(configOf(withStore('memory')).store, 'memory')
    assert.deepEqual(configOf(withStore('{ redis: redis://r:6379/2 }')).store, { redis: ['redis://r:6379/2'], timeout: 50 })
    assert.deepEqual(configOf(withStore('{ redis: [redis://a, rediss://b], timeout: 1s }')).store, {
      redis: ['redis://a', 'rediss://b'],
      timeout: 1000
    })
  })

  test('is refused without showing what may be a password', () => {
    for (const url of ['http://u:hush@r', 'redis://u:hush@r?password=hush', 'redis://u:hush@r/hush', 'hush']) {
      const [problem = '', ...more] = problemsOf(withStore(`{ redis: '${url}' }`))
      assert.match(problem, /^g\.yaml:1:17 {2}store\.redis .*accepted: redis:\/\//)
      assert.ok(!problem.includes('hush') && more.length === 0)
    }
  })

  test('that nothing is kept in is warned of', () => {
    const text = 'store: { redis: redis://r }\nupstreams: { a: { targets: [http://a] } }\nroutes: [{ prefix: /, upstream: a }]\n'
    assert.deepEqual(warningsOf(text), ['g.yaml:1:8  store  nothing is kept in it: no route has a rateLimit'])
  })
})
