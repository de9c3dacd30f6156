import assert from 'node:assert/strict'
import test from 'node:test'
import { configOf, problemsOf } from './reading.ts'

test('defaults are merged key by key below groups and routes, lists are replaced', () => {
  const text = `
defaults:
  retry: { attempts: 5, on: [connect] }
  timeouts: { response: 1s }
  tls: { verify: false }
  balance: { algorithm: first }
  timeout: 9s
  body: { max: 1mb }
  transform: { request: { set: { x-a: '1', x-b: '1' }, remove: [cookie] } }
  methods: [GET]
upstreams:
  a: { targets: [http://a], retry: { on: [503] }, timeouts: { connect: 3s }, breaker: false }
  b: { targets: [http://b], retry: { attempts: 1 }, balance: random }
routes:
  - { prefix: /a, upstream: a, transform: { request: { set: { X-B: '2' }, remove: [] } } }
  - { prefix: /b, upstream: b, timeout: 1s, methods: [PUT], body: { buffer: 1kb } }
`
  const { upstreams, routes } = configOf(text)
  const [a, b] = upstreams
  assert.deepEqual([a?.retry.attempts, a?.retry.on, b?.retry.attempts, b?.retry.on], [5, [503], 1, ['connect']])
  assert.deepEqual(a?.timeouts, { connect: 3000, response: 1000, idle: 60_000, tunnel: 3_600_000 })
  assert.deepEqual([a?.balance, b?.balance, b?.tls], [{ algorithm: 'first' }, { algorithm: 'random' }, { verify: false }])
  const [first, second] = routes
  assert.deepEqual(first?.transform.request, { set: { 'x-a': '1', 'x-b': '2' }, add: {}, remove: [] })
  assert.deepEqual([first?.timeout, second?.timeout], [9000, 1000])
  assert.deepEqual([first?.methods, second?.methods], [['GET'], ['PUT']])
  assert.deepEqual(second?.body, { max: 1_048_576, buffer: 1024 })
})

test('retry in defaults is that of the groups, not of the routes', () => {
  const text =
    'defaults: { retry: { attempts: 2 } }\nupstreams: { a: { targets: [http://a] } }\nroutes: [{ prefix: /, upstream: a }]\n'
  const { upstreams, routes } = configOf(text)
  assert.equal(upstreams[0]?.retry.attempts, 2)
  assert.equal(routes[0]?.retry, undefined)
})

test('a route that names a destination takes none from the defaults', () => {
  const text = `
defaults: { upstream: a }
upstreams: { a: { targets: [http://a] }, b: { targets: [http://b] } }
routes: [{ prefix: /a }, { prefix: /b, split: { b: 1 } }]
`
  const { routes } = configOf(text)
  assert.deepEqual(
    routes.map(({ to }) => to.kind),
    ['upstream', 'split']
  )
})

test('a problem of the defaults is told once, at its place', () => {
  const text = `
defaults: { upstream: c, timeout: 5, ballance: x, prefix: /, plugins: [x], tls: { ca: none.pem } }
upstreams: { a: { targets: [http://a] }, b: { targets: [http://b] } }
routes: [{ prefix: /a }, { prefix: /b }]
`
  const problems = problemsOf(text)
  assert.deepEqual(
    problems.map(problem => problem.split('  ').slice(0, 2).join('  ')),
    [
      'g.yaml:2:23  defaults.upstream',
      'g.yaml:2:35  defaults.timeout',
      'g.yaml:2:38  defaults.ballance',
      'g.yaml:2:51  defaults.prefix',
      'g.yaml:2:72  defaults.plugins[0]',
      'g.yaml:2:87  defaults.tls.ca'
    ]
  )
  assert.match(problems[0] ?? '', /no upstream is named ".*"; there are: a, b/)
})
