import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, problemsOf } from './reading.ts'

const route = (text: string) => `upstreams: {}\nroutes:\n  - { prefix: /, ${text} }\n`

test('a redirect and an answer have what is absent filled in', () => {
  const to = (text: string) => configOf(route(text)).routes[0]?.to
  assert.deepEqual(to('redirect: { to: /new }'), { kind: 'redirect', to: '/new', status: 308 })
  assert.deepEqual(to('redirect: { scheme: https, host: A.example. }'), {
    kind: 'redirect',
    scheme: 'https',
    host: 'a.example',
    status: 308
  })
  assert.deepEqual(to('redirect: {}, transform: { path: /new }'), { kind: 'redirect', status: 308 })
  assert.deepEqual(to('respond: { body: hello }'), { kind: 'respond', status: 200, headers: {}, body: 'hello' })
})

for (const [text, problem] of [
  ['redirect: { to: //evil.example }', /redirect\.to {2}"\/\/evil\.example" is no path or URL/],
  ['redirect: { to: "/a?b" }', /is no path or URL/],
  ['redirect: { to: /a, status: 304 }', /redirect\.status {2}304 is no redirect; accepted: 301, 302, 303, 307, 308/],
  [
    'redirect: { status: 301 }',
    /redirect {2}does not say where to; accepted: to, scheme, host or port, or transform\.path beside it/
  ],
  ['redirect: { status: 302 }, transform: { query: { remove: [a] } }', /redirect {2}does not say where to/],
  ['redirect: { to: /a }, transform: { path: /b }', /transform\.path {2}stands beside redirect\.to, which says the path \/a;/],
  ['redirect: { to: "https://a.example", port: 8443 }', /redirect\.port {2}is said by to already/],
  ['redirect: { host: "*.example" }', /redirect\.host {2}"\*\.example" is no name of a server/],
  ['redirect: { port: 0 }', /redirect\.port/],
  ['redirect: { scheme: ftp }', /accepted: http, https/],
  ['respond: { status: 204, body: x }', /respond\.body {2}an answer with status 204 has no body/],
  ['respond: { headers: { content-length: "1" } }', /content-length/],
  ['respond: {}, redirect: { to: /a }', /has redirect and respond; accepted: one of upstream, split, redirect, respond/]
] as const)
  test(`is refused: ${text}`, () => {
    const problems = problemsOf(route(text))
    assert.ok(
      problems.some(each => problem.test(each)),
      problems.join('\n')
    )
  })
