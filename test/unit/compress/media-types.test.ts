import assert from 'node:assert/strict'
import { test } from 'node:test'
import Value from 'typebox/value'
import { typeMatcher } from '../../../src/compress/media-types.ts'
import { CompressOptions } from '../../../src/compress/options.ts'

const mapping = CompressOptions.anyOf[1]
const defaults = Value.Default(mapping, {}) as { types: string[] }
const byDefault = typeMatcher(defaults.types)

for (const type of [
  'text/html',
  'text/html; charset=utf-8',
  'TEXT/CSS',
  ' application/json ;charset=utf-8',
  'application/problem+json',
  'image/svg+xml',
  'application/javascript',
  'text/javascript',
  'application/wasm',
  'font/ttf'
]) {
  test(`${type} is compressed`, () => assert.equal(byDefault(type), true))
}

for (const type of [
  '',
  'image/png',
  'video/mp4',
  'application/octet-stream',
  'application/zip',
  'font/woff2',
  'application/jsonx',
  'xtext/html',
  'text',
  'text/a/b',
  'text/event-stream',
  'text/event-stream;charset=utf-8',
  'Text/Event-Stream',
  'application/grpc',
  'application/grpc+json',
  'application/grpc-web+json'
]) {
  test(`${type === '' ? 'no type' : type} is not`, () => assert.equal(byDefault(type), false))
}

test('streams of events and gRPC are not, whatever is asked for', () => {
  const any = typeMatcher(['*/*'])
  assert.deepEqual(['text/event-stream', 'application/grpc', 'application/grpc+proto', 'application/zip'].map(any), [
    false,
    false,
    false,
    true
  ])
})

test('a dot of a type is a dot', () => {
  const matches = typeMatcher(['application/vnd.ms-fontobject'])
  assert.deepEqual([matches('application/vnd.ms-fontobject'), matches('application/vndxms-fontobject')], [true, false])
})
