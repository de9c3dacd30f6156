import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, parseText, problemsOf } from './reading.ts'

const route = (text: string) => `upstreams: { a: { targets: ["http://10.0.0.1"] } }\nroutes:\n  - { upstream: a, ${text} }\n`

for (const [text, read] of [
  ['path: /a', { prefix: '/a', exact: true }],
  ['path: /a/', { prefix: '/a/', exact: true }],
  ['path: /', { prefix: '/', exact: true }],
  ['path: /a, rewrite: /b/', { prefix: '/a', exact: true, rewrite: '/b/' }],
  ['prefix: /a/, rewrite: /b', { prefix: '/a', rewrite: '/b' }]
] as const)
  test(`is read: ${text}`, () => {
    const { prefix, exact, rewrite } = configOf(route(text)).routes[0] ?? assert.fail()
    assert.deepEqual(JSON.parse(JSON.stringify({ prefix, exact, rewrite })), read)
  })

for (const [text, problem] of [
  ['host: a.example', /routes\[0\]\.prefix {2}is missing; accepted: a path that begins with \/, such as \/orders/],
  ['prefix: /a, path: /b', /routes\[0\] {2}has prefix and path; accepted: one of them/],
  ['path: a', /does not begin with \//],
  ['path: /a/*', /has a \*; a path matches itself alone/],
  ['path: /a//b', /can be read in more than one way/],
  ['prefix: /a, rewrite: b', /rewrite/]
] as const)
  test(`is refused: ${text}`, () => {
    const problems = problemsOf(route(text))
    assert.ok(
      problems.some(each => problem.test(each)),
      problems.join('\n')
    )
  })

test('the same path twice is a problem, beside the same prefix it is none', () => {
  const two = (first: string, second: string) => `${route(first)}  - { upstream: a, ${second} }\n`
  assert.match(problemsOf(two('path: /a', 'path: /a')).join(), /matches the same requests as routes\[0\]/)
  assert.equal(configOf(two('path: /a', 'prefix: /a')).routes.length, 2)
})

for (const [others, warned] of [
  ['{ prefix: /, upstream: a }', true],
  ['{ prefix: /admin, upstream: a, auth: jwt }, { prefix: /, upstream: a }', false],
  ['{ path: /admin/, upstream: a }, { prefix: /, upstream: a, auth: jwt }', true],
  ['{ prefix: /, respond: { status: 404 } }', false],
  ['{ prefix: /other, upstream: a }', false],
  ['{ prefix: /, host: b.example, upstream: a }', false]
] as const)
  test(`a path with auth beside ${others} is ${warned ? '' : 'not '}warned of`, () => {
    const text = `upstreams: { a: { targets: ["http://10.0.0.1"] } }
security: { jwt: { secret: "0123456789abcdef0123456789abcdef", algorithms: [HS256], issuer: a, audience: b } }
routes: [{ path: /admin, upstream: a, auth: jwt }, ${others}]
`
    const result = parseText(text)
    assert.ok(result.ok)
    assert.equal(
      result.warnings.some(({ message }) => message.startsWith('/admin/ goes to')),
      warned
    )
  })

for (const [text, circles] of [
  ['{ prefix: /a, redirect: { to: /a/b } }', true],
  ['{ prefix: /, redirect: { to: /shop } }', true],
  ['{ path: /a, redirect: { to: /a } }', true],
  ['{ prefix: /, redirect: { to: /shop } }, { prefix: /shop, upstream: a }', false],
  ['{ path: /a, redirect: { to: /a/ } }', false],
  ['{ prefix: /a, redirect: { to: /ab } }', false],
  ['{ prefix: /a, redirect: { to: /a, scheme: https } }', false],
  ['{ prefix: /a, redirect: { to: https://a.example/a } }', false],
  ['{ prefix: /a, query: { old: x }, redirect: { to: /a/b } }', false]
] as const)
  test(`${circles ? 'leads in a circle' : 'leads out'}: ${text}`, () => {
    const result = parseText(`upstreams: { a: { targets: [http://a] } }\nroutes: [${text}]\n`)
    assert.ok(result.ok)
    assert.equal(
      result.warnings.some(({ message }) => /redirects again/.test(message)),
      circles
    )
  })
