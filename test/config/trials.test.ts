import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import type { RouteConfig } from '../../config/types-route.ts'
import { configOf, parseText, problemsOf } from './reading.ts'

/** Line 4 of a file holds this, from the fifth column. */
const inRoute = (text: string) =>
  `upstreams: { a: { targets: [http://a] }, b: { targets: [http://b] } }\nroutes:\n  - { prefix: /, upstream: a,\n    ${text} }\n`

function routeOf(text: string): RouteConfig {
  const [route] = configOf(inRoute(text)).routes
  assert.ok(route)
  return route
}

function warningsOf(text: string): string[] {
  const result = parseText(text)
  assert.ok(result.ok)
  return result.warnings.map(formatProblem)
}

describe('mirror', () => {
  test('is one group or a list, all of the requests and nothing compared where that is not said', () => {
    const copy = { upstream: 'b', share: 1, compare: false }
    assert.deepEqual(routeOf('mirror: { upstream: b }').mirrors, [copy])
    assert.deepEqual(routeOf('mirror: [{ upstream: b }, { upstream: a, share: 0.1, compare: false }]').mirrors, [
      copy,
      { upstream: 'a', share: 0.1, compare: false }
    ])
    assert.deepEqual(routeOf('mirror: false').mirrors, [])
  })

  test('compares all, or all but some fields', () => {
    const compare = (text: string) => routeOf(`mirror: { upstream: b, compare: ${text} }`).mirrors[0]?.compare
    assert.deepEqual(compare('true'), { ignore: [] })
    assert.deepEqual(compare('{}'), { ignore: [] })
    assert.deepEqual(compare('{ ignore: [time, $.meta.*.id] }'), { ignore: ['time', '$.meta.*.id'] })
  })

  const wrong: readonly (readonly [string, RegExp])[] = [
    [
      'mirror: true',
      /^g.yaml:4:13 {2}routes\[0\].mirror {2}true is not accepted here; accepted: false, or a mapping with upstream/
    ],
    ['mirror: b', /^g.yaml:4:13 {2}routes\[0\].mirror {2}"b" is not accepted here/],
    ['mirror: []', /an empty list is not accepted here/],
    ['mirror: { share: 1 }', /mirror.upstream {2}is missing/],
    ['mirror: { upstream: c }', /^g.yaml:4:25 {2}routes\[0\].mirror.upstream {2}no upstream is named "c"/],
    ['mirror: [{ upstream: b }, { upstream: c }]', /routes\[0\].mirror\[1\].upstream {2}no upstream is named "c"/],
    ['mirror: [{ upstream: b }, { upstream: b }]', /mirror\[1\].upstream {2}b is there twice; accepted: each group once/],
    ['mirror: { upstream: b, share: 2 }', /mirror.share {2}2 is not accepted here; accepted: a number from 0 to 1/],
    ['mirror: { upstream: b, compare: { ignore: [$] } }', /ignore\[0\] {2}"\$" is no field of JSON; accepted: a name, or a path/],
    ['mirror: { upstream: b, compare: { ignore: [$..a] } }', /is no field of JSON/]
  ]
  for (const [text, message] of wrong) {
    test(`is refused: ${text}`, () => {
      const problems = problemsOf(inRoute(text))
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.match(problems[0] ?? '', message)
    })
  }

  test('is warned of where it does nothing, or does everything twice; its group is used', () => {
    const text = `
upstreams: { a: { targets: [http://a] }, b: { targets: [http://b] } }
routes:
  - { prefix: /, upstream: a, mirror: { upstream: b } }
  - { prefix: /self, upstream: a, mirror: { upstream: a } }
  - { prefix: /own, respond: { status: 200 }, mirror: { upstream: b } }
`
    assert.deepEqual(warningsOf(text), [
      'g.yaml:5:43  routes[1].mirror  a gets the requests of this route as well: each copy is done twice',
      'g.yaml:6:55  routes[2].mirror  has no effect: the gateway answers itself here'
    ])
  })
})

describe('fault', () => {
  test('is a delay, an abort or both, for some or all', () => {
    const when = { headers: {}, query: {} }
    assert.deepEqual(routeOf('fault: { delay: 200ms }').fault, { delay: [200, 200], share: 1, when })
    assert.deepEqual(routeOf('fault: { delay: [1ms, 2s], abort: reset, share: 0.5 }').fault, {
      delay: [1, 2000],
      abort: 'reset',
      share: 0.5,
      when
    })
    assert.deepEqual(routeOf("fault: { abort: 503, when: { headers: { X-Fault: '1' }, query: { f: 'y' } } }").fault, {
      abort: 503,
      share: 1,
      when: { headers: { 'x-fault': '1' }, query: { f: 'y' } }
    })
    assert.equal(routeOf('fault: false').fault, false)
  })

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['fault: true', /fault {2}true is not accepted here/],
    ['fault: { share: 0.1 }', /^g.yaml:4:12 {2}routes\[0\].fault {2}does nothing; accepted: delay, abort, or both/],
    ['fault: { delay: 0 }', /fault.delay {2}0 is too short/],
    ['fault: { delay: soon }', /fault.delay {2}"soon" is no duration/],
    ['fault: { delay: [2s, 1s] }', /fault.delay {2}is no range; accepted: \[the shortest, the longest\]/],
    ['fault: { delay: [1s] }', /fault.delay {2}a list of 1 is not accepted here/],
    ['fault: { abort: 200 }', /fault.abort {2}200 is not accepted here; accepted: a status from 400 to 599/],
    ['fault: { abort: close }', /fault.abort {2}"close" is not accepted here; accepted: reset, or a status/],
    ['fault: { abort: 500, share: -1 }', /fault.share {2}-1 is not accepted here/],
    ['fault: { abort: 500, when: { header: {} } }', /unknown key; did you mean headers\?/]
  ]
  for (const [text, message] of wrong) {
    test(`is refused: ${text}`, () => {
      const problems = problemsOf(inRoute(text))
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.match(problems[0] ?? '', message)
    })
  }

  test('is warned of as long as it is on', () => {
    const text = `
upstreams: { a: { targets: [http://a] } }
routes:
  - { prefix: /, upstream: a, fault: { abort: reset, share: 0.015 } }
  - { prefix: /some, upstream: a, fault: { delay: 1s, abort: 503, when: { query: { f: '1' } } } }
  - { prefix: /own, redirect: { to: / }, fault: { abort: 503 } }
  - { prefix: /late, upstream: a, timeout: 15s, fault: { delay: [1s, 15s] } }
`
    assert.deepEqual(warningsOf(text), [
      'g.yaml:4:38  routes[0].fault  faults are on: 1.5 % of requests are dropped',
      'g.yaml:5:42  routes[1].fault  faults are on: requests that ask for it are delayed and are answered with 503',
      'g.yaml:6:49  routes[2].fault  has no effect: the gateway answers itself here',
      'g.yaml:7:56  routes[3].fault  faults are on: requests are delayed; after 15 s, its timeout, the route answers 504'
    ])
  })
})

describe('a target at a socket', () => {
  const inGroup = (url: string) => `upstreams: { a: { targets: ['${url}'] } }\nroutes: [{ prefix: /, upstream: a }]\n`

  test('is named by its path', () => {
    const [target] = configOf(inGroup('unix:/run/my app/app.sock')).upstreams[0]?.targets ?? []
    assert.deepEqual([target?.url, target?.id], ['unix:/run/my app/app.sock', 'unix:run-my-app-app.sock'])
  })

  const wrong: readonly (readonly [string, string])[] = [
    ['unix:run/app.sock', 'has no absolute path'],
    ['unix:', 'has no absolute path'],
    ['unix:///run/app.sock', 'has a host'],
    ['UNIX:/run/app.sock', 'has a scheme in capitals'],
    ['unix:/run/', 'is a directory'],
    ['unix:/run/app.sock?x', 'has a query, a fragment or a control character'],
    ['unix:/run/app.sock#x', 'has a query, a fragment or a control character']
  ]
  for (const [url, why] of wrong) {
    test(`is refused: ${url}`, () => {
      assert.deepEqual(problemsOf(inGroup(url)), [
        `g.yaml:1:29  upstreams.a.targets[0]  "${url}" ${why}; accepted: the absolute path of a socket, such as unix:/run/app.sock`
      ])
    })
  }

  test('has a path that the kernel takes', () => {
    assert.ok(configOf(inGroup(`unix:/${'x'.repeat(102)}`)))
    assert.match(problemsOf(inGroup(`unix:/${'x'.repeat(103)}`))[0] ?? '', /has a path of more than 103 bytes/)
  })
})
