import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, problemsOf } from './reading.ts'

const route = (text: string) =>
  `upstreams: { a: { targets: [http://a] } }\nroutes:\n  - prefix: /\n    upstream: a\n    compress: ${text}\n`

const types = 'accepted: a type such as application/json, or text/*, without parameters'
const refused: readonly (readonly [text: string, problem: string])[] = [
  ['{ types: [] }', '5:24  routes[0].compress.types  an empty list is not accepted here; accepted: a list of at least 1, each '],
  ['{ types: [json] }', `5:25  routes[0].compress.types[0]  "json" is no type of an answer; ${types}`],
  [
    '{ types: [text/html; charset=utf-8] }',
    `5:25  routes[0].compress.types[0]  "text/html; charset=utf-8" is no type of an answer; ${types}`
  ],
  ['{ types: [text/event-stream] }', `5:25  routes[0].compress.types[0]  "text/event-stream" is never compressed; ${types}`],
  [
    '{ types: [application/grpc+proto] }',
    `5:25  routes[0].compress.types[0]  "application/grpc+proto" is never compressed; ${types}`
  ],
  ['{ encodings: [brotli] }', '5:29  routes[0].compress.encodings[0]  "brotli" is unknown; accepted: zstd, br, gzip'],
  ['{ encodings: [] }', '5:28  routes[0].compress.encodings  an empty list is not accepted here'],
  ['{ min: 1 }', '5:22  routes[0].compress.min  1 is no size; accepted: a number with a unit'],
  ['{ level: 9 }', '5:17  routes[0].compress.level  unknown key; accepted: min, types, encodings'],
  [
    'gzip',
    '5:15  routes[0].compress  "gzip" is not accepted here; accepted: true or false, or a mapping with min, types, encodings'
  ]
]
for (const [text, problem] of refused) {
  test(`compress: ${text} is refused`, () => {
    const problems = problemsOf(route(text))
    assert.equal(problems.length, 1)
    const [said = ''] = problems
    assert.ok(said.startsWith(`g.yaml:${problem}`), said)
  })
}

test('true is the mapping with its defaults, and what is written stays', () => {
  const [whole] = configOf(route('true')).routes
  assert.ok(whole?.compress)
  assert.deepEqual([whole.compress.min, whole.compress.encodings], [1024, ['zstd', 'br', 'gzip']])
  const [own] = configOf(route('{ min: 0, types: [Text/*], encodings: [gzip] }')).routes
  assert.deepEqual(own?.compress, { min: 0, types: ['text/*'], encodings: ['gzip'] })
})
