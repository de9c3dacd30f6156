import assert from 'node:assert/strict'
import test from 'node:test'
import { nearest } from '../../config/nearest.ts'
import { parseConfig } from '../../config/parse.ts'
import { parseText } from './reading.ts'

const many = Array.from({ length: 10_000 }, (_, index) => index)

// A quadratic step over 10,000 routes is 100 million comparisons: what these tests guard is that they end soon, which a limit of
// the test runner can say without a duration that load breaks.
const patient = { timeout: 60_000 }

test('10,000 routes of 10,000 groups are read', patient, () => {
  const upstreams = Object.fromEntries(many.map(i => [`g${i}`, { targets: [`http://h:${i + 1}`] }]))
  const result = parseConfig({ upstreams, routes: many.map(i => ({ prefix: `/r${i}`, upstream: `g${i}` })) })
  assert.ok(result.ok)
  assert.equal(result.config.routes.length, 10_000)
})

test('10,000 routes in YAML keep their places', patient, () => {
  const routes = many.map(i => `  - { prefix: /r${i}, upstream: a }\n`).join('')
  const result = parseText(`upstreams: { a: { targets: [http://a] } }\nroutes:\n${routes}`)
  assert.ok(result.ok)
  assert.deepEqual(result.config.routes.at(-1)?.place, { line: 10_002, column: 5 })
})

test('10,000 wrong routes are all told, with names suggested for the first of them', patient, () => {
  const upstreams = Object.fromEntries(many.map(i => [`group-${i}`, { targets: ['http://a'] }]))
  const result = parseConfig({ upstreams, routes: many.map(i => ({ prefix: `/r${i}`, upstream: `grop-${i}` })) })
  assert.ok(!result.ok)
  assert.equal(result.problems.length, 10_000)
  assert.match(result.problems[0]?.message ?? '', /did you mean group-0\? there are: group-0, .* and 9988 more$/)
  assert.equal(result.problems.at(-1)?.message, 'no upstream is named "grop-9999"')
})

test('a target that is there 10,000 times is told 9,999 times', patient, () => {
  const result = parseConfig({ upstreams: { a: { targets: many.map(() => 'http://a') } } })
  assert.ok(!result.ok)
  assert.equal(result.problems.length, 9999)
})

test('the nearest name is the one that was probably meant, or none', () => {
  const names = ['balance', 'breaker', 'timeouts', 'tls', 'api', 'web']
  assert.equal(nearest('ballance', names), 'balance')
  assert.equal(nearest('Timeouts', names), 'timeouts')
  assert.equal(nearest('tiemouts', names), 'timeouts')
  assert.equal(nearest('aip', names), 'api')
  assert.equal(nearest('x', names), undefined)
  assert.equal(nearest('parsecs', names), undefined)
  assert.equal(nearest('z'.repeat(100), names), undefined)
})
