// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment are written like this
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import Schema from 'typebox/schema'
import { parse } from 'yaml'
import { jsonSchema } from '../../config/json-schema.ts'
import { readConfig } from '../../config/read.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8')

test('config/gateway.yaml has neither problems nor warnings', async () => {
  const result = await readConfig(new URL('config/gateway.yaml', root).pathname, {})
  assert.ok(result.ok)
  assert.deepEqual(result.warnings, [])
})

test('the JSON Schema accepts what the gateway accepts, and refuses what an editor should mark', async () => {
  const validator = Schema.Compile(jsonSchema())
  const accepts = (yaml: string): boolean => validator.Check(parse(yaml))
  assert.equal(accepts(await read('config/gateway.yaml')), true)
  for (const good of [
    'listen: 8080',
    'listen: [8080, { address: ":1" }]',
    'admin: false',
    'timeouts: { request: 0, headers: 1.5s }',
    'timeouts: { request: "${REQUEST:-1s}" }',
    'defaults: { timeout: 1s, retry: { on: [connect, 503], backoff: [1ms, 1s] }, breaker: false }',
    'upstreams: { a: { targets: [http://a, { url: http://b, weight: "${WEIGHT}" }], balance: { algorithm: random } } }',
    'routes: [{ prefix: /, split: { to: { a: 1 }, by: ip } }, { prefix: /, split: { a: 1 }, body: { timeout: 0 } }]',
    'routes: [{ path: /a, rewrite: /b }, { prefix: /, redirect: { scheme: https, port: 8443 } }]',
    'plugins: [{ use: x, options: { any: [thing] } }]'
  ]) {
    assert.equal(accepts(good), true, good)
  }
  for (const bad of [
    'listn: 8080',
    'timeouts: { headers: 5 parsecs }',
    'defaults: { timeout: 5 }',
    'upstreams: { a: { balance: two-choice } }',
    'upstreams: { a: { targets: [{ weight: 1 }] } }',
    'routes: [{ upstream: a }]',
    'routes: [{ prefix: /, path: / }]',
    'routes: [{ prefix: a }]'
  ]) {
    assert.equal(accepts(bad), false, bad)
  }
})

test('every key of the JSON Schema is described', () => {
  const undescribed: string[] = []
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, item] of Object.entries(value)) {
      if (key === 'properties') {
        for (const [name, property] of Object.entries(Object(item))) {
          if (!('description' in Object(property)) && !('$ref' in Object(property))) undescribed.push(`${path}.${name}`)
        }
      }
      visit(item, `${path}.${key}`)
    }
  }
  visit(jsonSchema(), '')
  assert.deepEqual(undescribed, [])
})
