import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { UpstreamConfig } from '../../config/types.ts'
import { configOf, problemsOf } from './reading.ts'

const inGroup = (text: string): string =>
  `upstreams:\n  a:\n    targets: [http://a]\n    ${text}\nroutes: [{ prefix: /, upstream: a }]\n`
const inRoute = (text: string): string =>
  `upstreams: { a: { targets: [http://a] } }\nroutes:\n  - prefix: /\n    upstream: a\n    ${text}\n`

const percentile = 'accepted: a percentile from p50 to p99.9, or a number with a unit: ms, s, m, h, d, such as 250ms or 5s'
const keys = 'accepted: ip, path, cookie:NAME, header:NAME or query:NAME'
const statuses = 'accepted: statuses and ranges, such as 200-299,401'
const expression = 'accepted: a text, or an expression between slashes such as /ok|ready/i'
const circuit = '0 would open the breaker when nothing has failed; accepted: above 0, at most 1'

const refused: readonly (readonly [text: string, ...problems: string[]])[] = [
  ['hedge: { after: p101 }', `4:21  upstreams.a.hedge.after  "p101" is no percentile or duration; ${percentile}`],
  ['hedge: { after: p40 }', `4:21  upstreams.a.hedge.after  "p40" is no percentile or duration; ${percentile}`],
  ['hedge: { after: 0ms }', `4:21  upstreams.a.hedge.after  "0ms" is no percentile or duration; ${percentile}`],
  ['hedge: { budget: 2 }', '4:22  upstreams.a.hedge.budget  2 is not accepted here; accepted: a number from 0 to 1'],
  ['failover: { group: b }', '4:24  upstreams.a.failover.group  no upstream is named "b"; there are: a'],
  ['failover: { group: a }', '4:24  upstreams.a.failover.group  leads back to a; accepted: a chain of groups that ends'],
  ['failover: { spill: 0.9 }', '4:24  upstreams.a.failover.spill  0.9 is not accepted here; accepted: a number from 1 to 10'],
  [
    'failover: { failback: never }',
    '4:27  upstreams.a.failover.failback  "never" is unknown; accepted: gradual, delayed, manual'
  ],
  ['health: { expect: 200-99 }', `4:23  upstreams.a.health.expect  "200-99" is no list of statuses; ${statuses}`],
  ['health: { expect: 399-200 }', `4:23  upstreams.a.health.expect  "399-200" is no list of statuses; ${statuses}`],
  ['health: { expect: "200,600" }', `4:23  upstreams.a.health.expect  "200,600" is no list of statuses; ${statuses}`],
  ['health: { body: "/(/" }', `4:21  upstreams.a.health.body  "/(/" is no regular expression; ${expression}`],
  [
    'health: { path: x }',
    '4:21  upstreams.a.health.path  "x" does not begin with /; accepted: a path that begins with /, such as /orders'
  ],
  ['health: { agent: {} }', '4:22  upstreams.a.health.agent.port  is missing; accepted: a whole number from 1 to 65535'],
  [
    'balance: { algorithm: hash, bounded: 0.9 }',
    '4:42  upstreams.a.balance.bounded  0.9 is not accepted here; accepted: a number from 1 to 100'
  ],
  [
    'balance: { algorithm: hash, by: "moon:x" }',
    `4:37  upstreams.a.balance.by  "moon:x" is nothing that requests can be placed by; ${keys}`
  ],
  [
    'balance: { algorithm: maglev, by: "header:" }',
    `4:39  upstreams.a.balance.by  "header:" is nothing that requests can be placed by; ${keys}`
  ],
  ['breaker: { failureShare: 0 }', `4:30  upstreams.a.breaker.failureShare  ${circuit}`],
  ['breaker: { group: { failureShare: 0 } }', `4:39  upstreams.a.breaker.group.failureShare  ${circuit}`],
  [
    'outliers: { consecutive: 0 }',
    '4:30  upstreams.a.outliers.consecutive  0 is not accepted here; accepted: a whole number from 1 to 1000'
  ],
  [
    'limits: { concurrency: auto }',
    '4:28  upstreams.a.limits.concurrency  "auto" is not accepted here; accepted: adaptive, or a whole number from 0 to 1000000'
  ]
]

describe('the policies of a group: refused is', () => {
  for (const [text, ...problems] of refused) {
    test(text, () => {
      assert.deepEqual(
        problemsOf(inGroup(text)),
        problems.map(problem => `g.yaml:${problem}`)
      )
    })
  }

  test('every part of a circle of fallback groups', () => {
    const text = `upstreams:
  a: { targets: [http://a], failover: { group: b } }
  b: { targets: [http://b], failover: { group: a } }
  c: { targets: [http://c], failover: { group: a } }
routes: [{ prefix: /, upstream: c }]
`
    assert.deepEqual(problemsOf(text), [
      'g.yaml:2:48  upstreams.a.failover.group  leads back to a; accepted: a chain of groups that ends',
      'g.yaml:3:48  upstreams.b.failover.group  leads back to b; accepted: a chain of groups that ends'
    ])
  })

  test('what the defaults say, where it is written', () => {
    const text = `defaults: { health: { body: "/[/" } }\n${inGroup('slowStart: 0')}`
    assert.deepEqual(problemsOf(text), [`g.yaml:1:29  defaults.health.body  "/[/" is no regular expression; ${expression}`])
  })

  test('a priority that there is not', () => {
    assert.deepEqual(problemsOf(inRoute('priority: high')), [
      'g.yaml:5:15  routes[0].priority  "high" is unknown; accepted: critical, default, low'
    ])
    assert.deepEqual(problemsOf(inRoute("priority: { header: 'x y' }")), [
      'g.yaml:5:25  routes[0].priority.header  "x y" is no name of a header; accepted: letters, digits and -, such as x-tenant'
    ])
  })
})

const group = (text: string): UpstreamConfig | undefined => configOf(inGroup(text)).upstreams[0]

describe('the policies of a group: resolved is', () => {
  test('a percentile to a quantile, and a time to milliseconds', () => {
    assert.deepEqual(group('hedge: {}')?.hedge, { after: { quantile: 0.95 }, budget: 0.05 })
    assert.deepEqual(group('hedge: { after: p99.9, budget: 0.1 }')?.hedge, {
      after: { quantile: 0.9990000000000001 },
      budget: 0.1
    })
    assert.deepEqual(group('hedge: { after: 50ms }')?.hedge, { after: { ms: 50 }, budget: 0.05 })
  })

  test('a health check with all that it leaves out', () => {
    assert.deepEqual(group('health: { path: /ready }')?.health, {
      type: 'http',
      path: '/ready',
      method: 'GET',
      headers: {},
      expect: '200-399',
      service: '',
      interval: 5000,
      timeout: 1000,
      fall: 3,
      rise: 2
    })
  })

  test('a group breaker with all that it leaves out', () => {
    const breaker = group('breaker: { slow: 1s, group: {} }')?.breaker
    const rest = { failureShare: 0.5, minimum: 20, window: 10_000, open: 5000, probes: 5 }
    assert.deepEqual(breaker, { ...rest, slow: 1000, group: { ...rest, slow: 0 } })
  })

  test('what turns a policy off', () => {
    const off = group(
      'health: false\n    outliers: false\n    hedge: false\n    breaker: false\n    slowStart: 0s\n    failover: { panic: 0 }'
    )
    assert.deepEqual(
      [off?.health, off?.outliers, off?.hedge, off?.breaker, off?.slowStart, off?.failover.panic],
      [false, false, false, false, 0, 0]
    )
  })

  test('limits, the algorithm and the order of failover as they are written', () => {
    assert.deepEqual(group('limits: { concurrency: adaptive, queueTime: 1s }')?.limits, {
      concurrency: 'adaptive',
      perTarget: 0,
      queue: 100,
      queueTime: 1000
    })
    assert.deepEqual(group("balance: { algorithm: hash, by: 'cookie:id', bounded: 1 }")?.balance, {
      algorithm: 'hash',
      by: 'cookie:id',
      bounded: 1
    })
    const { order, k, metric } = group('failover: { order: nearest, k: auto, metric: mahalanobis }')?.failover ?? {}
    assert.deepEqual([order, k, metric], ['nearest', 'auto', 'mahalanobis'])
  })

  test('the priority of a route: one for all, or what a header says', () => {
    assert.equal(configOf(inRoute('priority: low')).routes[0]?.priority, 'low')
    assert.deepEqual(configOf(inRoute('priority: { header: X-Class }')).routes[0]?.priority, { header: 'x-class' })
  })
})
