import assert from 'node:assert/strict'
import test from 'node:test'
import { configOf, problemsOf } from './reading.ts'

const inGroup = (text: string): string =>
  `upstreams:\n  a:\n    targets: [http://a]\n    ${text}\nroutes: [{ prefix: /, upstream: a }]\n`
const inRoute = (text: string): string =>
  `upstreams: { a: { targets: [http://a] } }\nroutes:\n  - prefix: /\n    upstream: a\n    ${text}\n`
const atTop = (text: string): string => `${text}\n`

const refused: readonly [(text: string) => string, string, string][] = [
  [atTop, 'workers: 2', 'g.yaml:1:10  workers'],
  [atTop, 'workers: auto', 'g.yaml:1:10  workers'],
  [atTop, 'store: { redis: redis://r }', 'g.yaml:1:8  store'],
  [atTop, 'listen: { address: :1, tls: { cert: a } }', 'g.yaml:1:29  listen.tls'],
  [atTop, 'listen: { address: :1, http2: true }', 'g.yaml:1:31  listen.http2'],
  [atTop, 'tracing: { otlp: http://c }', 'g.yaml:1:10  tracing'],
  [atTop, 'alerts: [{ webhook: http://c }]', 'g.yaml:1:9  alerts'],
  [atTop, 'security: { deny: [10.0.0.0/8] }', 'g.yaml:1:19  security.deny'],
  [inGroup, 'health: { path: / }', 'g.yaml:4:13  upstreams.a.health'],
  [inGroup, 'outliers: { consecutive: 5 }', 'g.yaml:4:15  upstreams.a.outliers'],
  [inGroup, 'hedge: { after: p95 }', 'g.yaml:4:12  upstreams.a.hedge'],
  [inGroup, 'slowStart: 30s', 'g.yaml:4:16  upstreams.a.slowStart'],
  [inGroup, 'limits: { concurrency: 10 }', 'g.yaml:4:28  upstreams.a.limits.concurrency'],
  [inGroup, 'failover: { group: b }', 'g.yaml:4:24  upstreams.a.failover.group'],
  [inGroup, 'breaker: { failureShare: 0.5 }', 'g.yaml:4:30  upstreams.a.breaker.failureShare'],
  [inRoute, 'auth: jwt', 'g.yaml:5:11  routes[0].auth'],
  [inRoute, 'rateLimit: { limit: 1 }', 'g.yaml:5:16  routes[0].rateLimit'],
  [inRoute, 'cors: { origins: [] }', 'g.yaml:5:11  routes[0].cors'],
  [inRoute, 'cache: true', 'g.yaml:5:12  routes[0].cache'],
  [inRoute, 'mode: observe', 'g.yaml:5:11  routes[0].mode'],
  [inRoute, 'deny: [10.0.0.0/8]', 'g.yaml:5:11  routes[0].deny']
]
for (const [frame, text, place] of refused) {
  test(`refused until it exists: ${text}`, () => {
    assert.deepEqual(problemsOf(frame(text)), [`${place}  not available yet`])
  })
}

test('names of choices that do not exist yet are told apart from names that are unknown', () => {
  const text = inGroup('balance: { algorithm: hash }\n    protocol: h2c\n    failover: { order: nearest }')
  assert.deepEqual(problemsOf(text), [
    'g.yaml:4:27  upstreams.a.balance.algorithm  hash is not available yet; accepted: two-choices, round-robin, random, first, least-connections',
    'g.yaml:5:15  upstreams.a.protocol  h2c is not available yet; accepted: http1',
    'g.yaml:6:24  upstreams.a.failover.order  nearest is not available yet; accepted: balance'
  ])
})

test('what turns a feature off is accepted before the feature exists', () => {
  const config = configOf(`
workers: 1
store: memory
tracing: false
alerts: []
security: { allow: [], deny: [] }
listen: { address: 127.0.0.1:80, proxyProtocol: false }
upstreams:
  a:
    targets: [http://a]
    protocol: http1
    health: false
    outliers: false
    hedge: false
    slowStart: 0s
    failover: { order: balance, panic: 0 }
    limits: { concurrency: 0, perTarget: 0, queue: 100, queueTime: 100ms }
    breaker: { slow: 0 }
routes:
  - { prefix: /, upstream: a, mode: enforce, cors: false, mirror: false, cache: false, compress: false, auth: null, redirect: false }
`)
  assert.equal(config.routes.length, 1)
  assert.deepEqual(config.upstreams[0]?.breaker, { open: 5000, probes: 5 })
})
