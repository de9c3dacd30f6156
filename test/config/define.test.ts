import assert from 'node:assert/strict'
import test from 'node:test'
import { defineConfig } from '../../config/define.ts'
import { parseConfig } from '../../config/parse.ts'

test('defineConfig types what a user writes and gives it back', () => {
  const written = defineConfig({
    listen: { address: '127.0.0.1:8080' },
    defaults: { timeout: '3s' },
    upstreams: { api: { targets: ['http://a', { url: 'http://b', weight: 2 }], balance: 'random', breaker: { open: '1s' } } },
    routes: [{ prefix: '/', split: { to: { api: 1 }, by: 'ip' }, body: { max: '1mb', timeout: 0 } }]
  })
  const result = parseConfig(written)
  assert.ok(result.ok)
  assert.equal(result.config.routes[0]?.timeout, 3000)
})

test('what cannot be right is a type error', () => {
  const wrong = [
    // @ts-expect-error: no such unit
    defineConfig({ timeouts: { headers: '5 parsecs' } }),
    // @ts-expect-error: no such key
    defineConfig({ listn: 8080 }),
    // @ts-expect-error: a target has a URL
    defineConfig({ upstreams: { a: { targets: [{ weight: 1 }] } } }),
    // @ts-expect-error: no such algorithm
    defineConfig({ upstreams: { a: { targets: [], balance: 'two-choice' } } }),
    // @ts-expect-error: no such level
    defineConfig({ logging: { level: 'inof' } })
  ]
  for (const input of wrong) assert.equal(parseConfig(input).ok, false)
})
