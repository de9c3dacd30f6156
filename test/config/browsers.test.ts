import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, problemsOf } from './reading.ts'

const withCors = (cors: string) => `upstreams: { a: { targets: [http://a] } }
routes: [{ prefix: /, upstream: a, cors: ${cors} }]
`

test('origins are read as browsers write them', () => {
  const [route] = configOf(withCors("{ origins: ['HTTPS://App.Example:443/', 'https://*.example.com', '*'] }")).routes
  assert.deepEqual(route?.cors, {
    origins: ['https://app.example', 'https://*.example.com', '*'],
    exposed: [],
    credentials: false
  })
})

test('what is no origin is refused', () => {
  const wrong = ['app.example', 'https://', 'null', 'https://a.example/path', 'https://u@a.example', 'https://a.*.example', '']
  for (const origin of wrong) {
    const [problem = ''] = problemsOf(withCors(`{ origins: ['${origin}'] }`))
    assert.match(problem, /origins\[0\] {2}".*" is no origin of pages; accepted: scheme, host and port of a page/, origin)
  }
})

test('no origin at all, and credentials for every origin, are refused', () => {
  assert.match(problemsOf(withCors('{ origins: [] }'))[0] ?? '', /an empty list is not accepted/)
  assert.deepEqual(problemsOf(withCors("{ origins: ['*'], credentials: true }")), [
    'g.yaml:2:73  routes[0].cors.credentials  browsers send no credentials where every origin is allowed; accepted: false, or origins that are named'
  ])
  const inherited = `defaults: { cors: { origins: ['*'], credentials: true } }
upstreams: { a: { targets: [http://a] } }
routes: [{ prefix: /, upstream: a }]
`
  assert.match(problemsOf(inherited)[0] ?? '', /^g.yaml:1:50 {2}defaults.cors.credentials/)
})

test('true is a mapping of all defaults, and a year is not too long for what browsers remember', () => {
  const [route] = configOf(`upstreams: { a: { targets: [http://a] } }
routes: [{ prefix: /, upstream: a, csrf: true, securityHeaders: true }]
`).routes
  assert.deepEqual(route?.csrf, { cookie: 'XSRF-TOKEN', header: 'x-xsrf-token', origins: [] })
  assert.ok(typeof route.securityHeaders === 'object')
  assert.deepEqual(route.securityHeaders.hsts, {
    maxAge: 365 * 86_400_000,
    includeSubDomains: false,
    preload: false
  })
})
