import assert from 'node:assert/strict'
import { test } from 'node:test'
import { negotiate } from '../../../src/compress/accept-encoding.ts'

const cases: readonly (readonly [field: string | undefined, chosen: string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, deflate, br', 'br'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['br ; q=0.5 , gzip ; q=0.500', 'br'],
  ['*', 'zstd'],
  ['*;q=0.1', 'zstd'],
  ['*;q=0', undefined],
  ['gzip;q=0, *', 'zstd'],
  ['zstd;q=0, br;q=0, *', 'gzip'],
  ['zstd;q=0, br;q=0.000, gzip;q=0.0', undefined],
  ['gzip, *;q=0', 'gzip'],
  ['identity', undefined],
  ['identity;q=1, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip;q=1', 'gzip'],
  ['identity, gzip', 'gzip'],
  ['identity;q=0', undefined],
  ['identity;q=0, *', 'zstd'],
  ['deflate, compress, x-own', undefined],
  ['gzip;q=2', undefined],
  ['gzip;q=-1', undefined],
  ['gzip;q=0.1234', undefined],
  ['gzip;q=', undefined],
  ['gzip;level=9', undefined],
  ['gzip;q=1;q=0', undefined],
  ['gzip;q=0, gzip', undefined],
  [',,  ,gzip,', 'gzip'],
  ['gz ip, br', 'br'],
  ['gzip\tbr', undefined],
  ['constructor, __proto__', undefined],
  [`${'a,'.repeat(5000)}br`, 'br']
]

for (const [field, chosen] of cases) {
  test(`${field === undefined ? 'no field' : JSON.stringify(field).slice(0, 60)} is ${chosen ?? 'as it is'}`, () => {
    assert.equal(negotiate(field, ['zstd', 'br', 'gzip']), chosen)
  })
}

test('only what is offered is chosen, in the order of the offer', () => {
  assert.equal(negotiate('zstd, br, gzip', ['gzip', 'br']), 'gzip')
  assert.equal(negotiate('zstd', ['gzip', 'br']), undefined)
  assert.equal(negotiate('*', []), undefined)
})
