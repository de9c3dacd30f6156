import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { type Comparing, compareAnswers } from '../../../src/mirror/compare.ts'
import { IgnoredFields } from '../../../src/mirror/ignored-fields.ts'
import type { HeardAnswer } from '../../../src/model/mirroring.ts'

const none = new IgnoredFields([])

function answer(body: string | Buffer | undefined, more: Partial<HeardAnswer> = {}): HeardAnswer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return { status: 200, type: 'application/json', coding: undefined, body: bytes, ...more }
}

const cases: readonly (readonly [what: string, HeardAnswer, HeardAnswer, Comparing])[] = [
  ['the same JSON', answer('{"a":1}'), answer('{ "a": 1 }'), 'same'],
  ['other JSON', answer('{"a":1}'), answer('{"a":2}'), { paths: ['$.a'] }],
  ['another status', answer('{}'), answer('{}', { status: 201 }), { status: [200, 201] }],
  ['both', answer('1'), answer('2', { status: 500 }), { status: [200, 500], paths: ['$'] }],
  [
    'JSON by suffix, with parameters',
    answer('1', { type: 'application/hal+json; charset=utf-8' }),
    answer('2'),
    { paths: ['$'] }
  ],
  ['JSON and something else', answer('1'), answer('1', { type: 'text/plain' }), { paths: ['$'] }],
  ['no JSON', answer('1', { type: 'text/plain' }), answer('2', { type: undefined }), 'same'],
  ['the same that is no JSON, although it says so', answer('{'), answer('{'), 'same'],
  ['other that is no JSON', answer('{'), answer('{{'), { paths: ['$'] }],
  ['nothing', answer(''), answer(''), 'same'],
  ['one too long', answer('1'), answer(undefined), 'unknown'],
  ['one too long, of another status', answer('1'), answer(undefined, { status: 404 }), { status: [200, 404] }],
  ['a coding that lies', answer('1', { coding: 'gzip' }), answer('1'), 'unknown'],
  ['an unknown coding', answer('1', { coding: 'secret' }), answer('1'), 'unknown'],
  [
    'more than is compared once it is unpacked',
    answer(gzipSync(' '.repeat(300 * 1024)), { coding: 'gzip' }),
    answer('1'),
    'unknown'
  ]
]
for (const [what, original, copy, expected] of cases) {
  test(`${what}: ${typeof expected === 'string' ? expected : 'different'}`, async () => {
    assert.deepEqual(await compareAnswers(original, copy, none), expected)
  })
}

test('codings do not matter', async () => {
  const text = '{"a":1}'
  const packed = { gzip: gzipSync(text), deflate: deflateSync(text), br: brotliCompressSync(text), zstd: zstdCompressSync(text) }
  for (const [coding, body] of Object.entries(packed)) {
    assert.equal(await compareAnswers(answer(text, { coding: 'identity' }), answer(body, { coding }), none), 'same', coding)
  }
})
