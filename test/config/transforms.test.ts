import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeholders } from '../../src/model/template.ts'
import { parseText, problemsOf } from './reading.ts'

const route = (text: string, more = '') =>
  `upstreams: { a: { targets: [http://a] } }\nroutes:\n  - prefix: /\n    upstream: a\n    transform: ${text}\n${more}`

const paths = 'accepted: a path that begins with /, with placeholders, such as /v2/{path.2}'
const refused: readonly (readonly [text: string, problem: string, more?: string])[] = [
  [
    "{ request: { set: { x-a: 'secret {nobody}' } } }",
    `5:41  routes[0].transform.request.set.x-a  the placeholder at character 8 is unknown; accepted: ${placeholders}`
  ],
  ["{ response: { add: { x-a: '{path.0}' } } }", '5:42  routes[0].transform.response.add.x-a  the placeholder at character 1'],
  ["{ query: { set: { x: '{claim}' } } }", '5:37  routes[0].transform.query.set.x  the placeholder at character 1 is unknown'],
  ['{ query: { drop: [x] } }', '5:27  routes[0].transform.query.drop  unknown key; accepted: set, add, remove'],
  ["{ path: '/{nobody}' }", '5:24  routes[0].transform.path  the placeholder at character 2 is unknown; accepted: {claim:NAME}'],
  ["{ path: 'v2/{path.2}' }", `5:24  routes[0].transform.path  "v2/{path.2}" does not begin with /; ${paths}`],
  ["{ path: '/{path.1}/../{path.2}' }", '5:24  routes[0].transform.path  "/{path.1}/../{path.2}" has a dot segment'],
  ["{ path: '/a?b={path.2}' }", '5:24  routes[0].transform.path  "/a?b={path.2}" has a query'],
  ["{ path: '/%{path.2}' }", '5:24  routes[0].transform.path  "/%{path.2}" has an escape that is no UTF-8'],
  ["{ path: '/v2' }", '5:24  routes[0].transform.path  stands beside rewrite; accepted: one of the two', '    rewrite: /v3\n'],
  [
    "{ request: { set: { x-a: '{header:X_User-Id}' } } }",
    '5:41  routes[0].transform.request.set.x-a  {header:X_User-Id} is what auth says, and no client may; accepted: {claim:NAME} or {consumer}',
    '    auth: { jwt: true, forward: { sub: x-user-id } }\nsecurity: { jwt: { issuer: i, audience: a, secret: a-secret-of-a-test-that-is-long-enough-for-it } }\n'
  ]
]
for (const [text, problem, more] of refused) {
  test(`transform: ${text} is refused`, () => {
    const problems = problemsOf(route(text, more))
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.ok((problems[0] ?? '').startsWith(`g.yaml:${problem}`), String(problems[0]))
    assert.doesNotMatch(String(problems[0]), /secret/)
  })
}

test('who is not known on a route without auth is warned of', () => {
  const read = parseText(route("{ path: '/{claim:t}', request: { set: { x-a: '{consumer}' }, add: { x-b: '{ip}' } } }"))
  assert.ok(read.ok)
  assert.deepEqual(
    read.warnings.map(({ path, message }) => [path, message]),
    [
      ['routes[0].transform.path', '{claim:t} is not known: the route has no auth, and every request is refused'],
      ['routes[0].transform.request.set.x-a', '{consumer} is not known: the route has no auth, and nothing is ever put in']
    ]
  )
})

test('what changes nothing is warned of', () => {
  const read = parseText(`routes:
  - { prefix: /a, respond: { body: hi }, transform: { path: /b, response: { remove: [x-a] } } }
  - { prefix: /b, redirect: { to: / }, transform: { path: /b, request: { set: { x-a: '1' } } } }
`)
  assert.ok(read.ok)
  assert.deepEqual(
    read.warnings.map(({ path, message }) => [path, message]),
    [
      ['routes[0].transform.path', 'changes nothing: the route has respond'],
      ['routes[0].transform.response', 'changes nothing: the route has respond'],
      ['routes[1].transform.request', 'changes nothing: the route has redirect']
    ]
  )
})
