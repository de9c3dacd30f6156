import assert from 'node:assert/strict'
import test from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import { parseText } from './reading.ts'

function warningsOf(text: string): string[] {
  const result = parseText(text)
  assert.ok(result.ok, result.ok ? '' : result.problems.map(formatProblem).join('\n'))
  return result.warnings.map(formatProblem)
}

test('attempts that may take longer than the route are warned of', () => {
  const text = `
upstreams: { a: { targets: [http://a] }, b: { targets: [http://b], timeouts: { response: 2500ms } } }
routes:
  - { prefix: /, upstream: a }
  - { prefix: /short, upstream: a, timeout: 14s }
  - { prefix: /once, upstream: a, timeout: 14s, retry: { attempts: 2 } }
  - { prefix: /split, split: { a: 1, b: 1 }, timeout: 7s, retry: { attempts: 1 } }
  - { prefix: /b, upstream: b, timeout: 2s, retry: { attempts: 1 } }
`
  assert.deepEqual(warningsOf(text), [
    'g.yaml:5:45  routes[1].timeout  3 attempts at a of 5s each may take 15s, and the route ends after 14s',
    'g.yaml:8:41  routes[4].timeout  one attempt at b may take 2500ms, and the route ends after 2s'
  ])
})

test('what nothing uses is warned of', () => {
  const text = `
upstreams: { a: { targets: [http://a] }, b: { targets: [http://b] } }
routes: [{ prefix: /, upstream: a, plugins: [used] }]
plugins: [{ use: used, routes: named }, { use: left, routes: named }, { use: everywhere }]
`
  assert.deepEqual(warningsOf(text), [
    'g.yaml:2:45  upstreams.b  no route uses this upstream',
    'g.yaml:4:41  plugins[1]  no route lists the plugin left, and routes: named runs it nowhere else'
  ])
})

test('a group that only another falls back to is used', () => {
  const text = `
upstreams: { a: { targets: [http://a], failover: { group: b } }, b: { targets: [http://b] } }
routes: [{ prefix: /, upstream: a }]
`
  assert.deepEqual(warningsOf(text), [])
})

const inGroup = (text: string, targets = '[http://a, http://b]') =>
  `upstreams:\n  a:\n    targets: ${targets}\n    ${text}\nroutes: [{ prefix: /, upstream: a, timeout: 15s }]\n`

const groups: readonly (readonly [text: string, warnings: readonly string[]])[] = [
  [
    'health: { interval: 1s, timeout: 2s }',
    ['g.yaml:4:38  upstreams.a.health.timeout  2s is above interval: a target that hangs is asked less often than every 1s']
  ],
  ['health: { interval: 1s, timeout: 1s }', []],
  [
    'outliers: { eject: 30s, maxEject: 10s }',
    ['g.yaml:4:39  upstreams.a.outliers.maxEject  is below eject, and the first ejection takes 30s all the same']
  ],
  ['hedge: { after: 15s }', ['g.yaml:4:21  upstreams.a.hedge.after  no second attempt is made for /, which ends after 15s']],
  ['hedge: { after: 14s }', []],
  ['hedge: { after: p99 }', []],
  [
    'balance: { algorithm: round-robin, by: ip }',
    ['g.yaml:4:44  upstreams.a.balance.by  has no effect: round-robin places no request by a key, hash and maglev do']
  ],
  [
    'balance: { algorithm: maglev, by: path, bounded: 2 }',
    ['g.yaml:4:54  upstreams.a.balance.bounded  has no effect: maglev has no cap, hash has']
  ],
  ['balance: { algorithm: hash, by: path, bounded: 2 }', []]
]
for (const [text, warnings] of groups) {
  test(`${warnings.length === 0 ? 'not warned of' : 'warned of'}: ${text}`, () => {
    assert.deepEqual(warningsOf(inGroup(text)), warnings)
  })
}

test('a hedge with nowhere to go is warned of', () => {
  assert.deepEqual(warningsOf(inGroup('hedge: { after: p95 }', '[http://a]')), [
    'g.yaml:4:12  upstreams.a.hedge  has no effect: a second attempt goes to another target, and there is one'
  ])
})

test('doors that are wider open than they look are warned of', () => {
  const text = `
admin: 0.0.0.0:9901
security: { deny: [192.0.2.0/24] }
upstreams: { a: { targets: [http://a] } }
routes:
  - { prefix: /, upstream: a }
  - { prefix: /a, upstream: a, mode: observe }
  - { prefix: /b, upstream: a, mode: observe, allow: [10.0.0.0/8], csrf: true }
`
  assert.deepEqual(warningsOf(text), [
    'g.yaml:2:8  admin  is open beyond this machine without a token: who reaches the port and names localhost may do everything',
    'g.yaml:7:38  routes[1].mode  is observe: the lists of security refuse nobody here',
    'g.yaml:8:38  routes[2].mode  is observe: the lists of security and its lists and csrf refuse nobody here'
  ])
  for (const admin of ['127.0.0.1:9901', '"[::1]:9901"', 'localhost:9901', '{ address: 0.0.0.0:9901, token: t }', 'false'])
    assert.deepEqual(
      warningsOf(`admin: ${admin}\nupstreams: { a: { targets: [http://a] } }\nroutes: [{ prefix: /, upstream: a }]\n`),
      []
    )
})
