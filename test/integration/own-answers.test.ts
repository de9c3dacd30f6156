import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build, type ConfigInput, type TestScope } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { wireTo } from '../support/wire.ts'

const answering = (t: TestScope, routes: NonNullable<ConfigInput['routes']>, more: Partial<ConfigInput> = {}) =>
  build(t, { routes, ...more })

describe('a redirect', () => {
  test('sends clients to the same rest of the path, with the query, and keeps the method by default', async t => {
    const { url } = await answering(t, [
      { prefix: '/old', redirect: { to: '/new' } },
      { prefix: '/moved', redirect: { to: 'https://other.example/base', status: 302 } }
    ])
    const old = await ask(`${url}/old/a%20b?c=1&d`, { method: 'POST', body: 'x' })
    assert.deepEqual([old.status, old.headers.location, old.text], [308, '/new/a%20b?c=1&d', ''])
    assert.match(String(old.headers['x-request-id']), /^[0-9a-f]{32}$/)
    const moved = await ask(`${url}/moved`)
    assert.deepEqual([moved.status, moved.headers.location], [302, 'https://other.example/base'])
    assert.equal((await ask(`${url}/older`)).status, 404)
  })

  test('never names another host by what the client asked for', async t => {
    const { port } = await answering(t, [{ prefix: '/', redirect: { to: '/' } }])
    for (const target of ['//evil.example/x', '/\\evil.example', '/%2F%2Fevil.example']) {
      const wire = await wireTo(t, port)
      wire.send(`GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      const answer = await wire.all()
      assert.doesNotMatch(answer, /^location: (?:\/\/|\/\\|https?:)/im, `${target}: ${answer}`)
    }
  })

  test('comes after who may ask, and after limits', async t => {
    const { url } = await answering(t, [
      { prefix: '/closed', redirect: { to: '/new' }, deny: ['127.0.0.0/8'] },
      { prefix: '/few', redirect: { to: '/new' }, rateLimit: { limit: 1, window: '1m' } }
    ])
    assert.equal((await ask(`${url}/closed`)).status, 403)
    assert.deepEqual([(await ask(`${url}/few`)).status, (await ask(`${url}/few`)).status], [308, 429])
  })
})

describe('an answer of its own', () => {
  test('is what the route says, plain text unless it says otherwise', async t => {
    const { url } = await answering(t, [
      { prefix: '/plain', respond: { body: 'hello' } },
      {
        prefix: '/json',
        respond: { status: 503, headers: { 'content-type': 'application/json', 'retry-after': '60' }, body: '{}' }
      },
      { prefix: '/none', respond: { status: 204 } },
      { prefix: '/robots.txt', respond: {} }
    ])
    const plain = await ask(`${url}/plain/x`)
    assert.deepEqual([plain.status, plain.text, plain.headers['content-type']], [200, 'hello', 'text/plain; charset=utf-8'])
    const json = await ask(`${url}/json`)
    assert.deepEqual(
      [json.status, json.text, json.headers['content-type'], json.headers['retry-after']],
      [503, '{}', 'application/json', '60']
    )
    const none = await ask(`${url}/none`)
    assert.deepEqual([none.status, none.text, none.headers['content-type']], [204, '', undefined])
    assert.deepEqual([(await ask(`${url}/robots.txt`)).status, (await ask(`${url}/plain`, { method: 'HEAD' })).text], [200, ''])
  })

  test('leaves the connection usable, whatever the client sent with its request', async t => {
    const { port } = await answering(t, [{ prefix: '/', respond: { body: 'ok' } }])
    const wire = await wireTo(t, port)
    wire.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello')
    await wire.until(/\r\n\r\nok$/)
    wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await wire.until(/ok.*\r\n\r\nok$/s)
  })
})
