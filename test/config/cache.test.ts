import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import { configOf, parseText, problemsOf } from './reading.ts'

const routes = (...caches: readonly string[]) =>
  `upstreams: { a: { targets: [http://a] } }\nroutes:\n${caches.map((cache, i) => `  - { prefix: /${i}, upstream: a, cache: ${cache} }\n`).join('')}`
const cachesOf = (...caches: readonly string[]) => configOf(routes(...caches)).routes.map(({ cache }) => cache)

const defaults = {
  store: 'memory',
  maxSize: 100 * 1024 * 1024,
  maxEntries: 10_000,
  maxEntry: 1024 * 1024,
  staleIfError: 0,
  staleWhileRevalidate: 0,
  tags: 'surrogate-key'
}

test('true is all defaults, and a file counts from that of the configuration', () => {
  assert.deepEqual(cachesOf('true', 'false', '{}'), [defaults, false, defaults])
  const [cache] = cachesOf('{ store: { disk: a/b.sqlite }, staleIfError: 1h, tags: Cache-Tag }')
  assert.deepEqual(cache, { ...defaults, store: { disk: '/nowhere/a/b.sqlite' }, staleIfError: 3_600_000, tags: 'cache-tag' })
})

test('what cannot be is refused', () => {
  assert.deepEqual(problemsOf(routes('{ maxEntry: 2gb, maxSize: 1gb }')), [
    'g.yaml:3:51  routes[0].cache.maxEntry  is above maxSize, so that no answer of that length fits; accepted: maxSize or less'
  ])
  assert.deepEqual(problemsOf(routes('{ store: { disk: x } }', '{ store: { disk: x }, maxEntries: 5 }')), [
    'g.yaml:4:48  routes[1].cache.store  x is the store of another route with other bounds; accepted: the same, or another file'
  ])
  for (const wrong of [
    '5',
    'yes',
    '{ store: redis }',
    '{ store: { disk: 5 } }',
    '{ maxEntries: 0 }',
    '{ ttl: 5s }',
    '{ store: {} }'
  ])
    assert.ok(problemsOf(routes(wrong)).length > 0, wrong)
})

test('a file that holds fewer answers than maxEntries says is warned of', () => {
  const warnings = (cache: string) => {
    const result = parseText(routes(cache))
    assert.ok(result.ok)
    return result.warnings.map(formatProblem)
  }
  assert.match(String(warnings('{ store: { disk: x } }')), /at most 100 answers are kept/)
  assert.deepEqual(warnings('{ store: { disk: x }, maxEntries: 100 }'), [])
})
