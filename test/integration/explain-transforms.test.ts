import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'

test('explain shows what is sent as the route makes it, and no secret that it adds', async t => {
  const transform = { path: '/v2/{path.2}', query: { set: { api_key: 'hidden-key' } } }
  const { adminUrl } = await build(t, {
    admin: '127.0.0.1:0',
    upstreams: { a: { targets: ['http://127.0.0.1:1'] } },
    routes: [{ prefix: '/users', upstream: 'a', transform }]
  })
  const explained = async (url: string) => {
    const { text } = await ask(`${adminUrl}/api/explain?url=${encodeURIComponent(url)}`)
    assert.doesNotMatch(text, /hidden-key/)
    return JSON.parse(text).sent.path
  }
  assert.equal(await explained('/users/42?b=1'), '/v2/42?b=1&api_key=***')
  assert.equal(await explained('/users'), 'a path made from what this request has not')
})
