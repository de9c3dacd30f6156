import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import { type Behaviour, build, type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { temporary } from '../support/temporary.ts'

const br = { headers: { 'accept-encoding': 'br' } }

/** A gateway that compresses, with an onSend hook of a plugin for all routes or, when `named`, for the one that has it. */
async function gatewayWith(t: TestScope, behaviour: Behaviour, hook: string, options: object, named = false) {
  const service = await upstream(t, behaviour)
  const directory = await temporary(t)
  const text = `export default Object.assign(async (app, options) => { app.addHook('onSend', ${hook}) }, { [Symbol.for('skip-override')]: true })`
  await writeFile(path.join(directory, 'own.mjs'), text)
  const gateway = await build(
    t,
    {
      upstreams: { api: { targets: [service.url], retry: { attempts: 1 } } },
      routes: [{ prefix: '/', upstream: 'api', compress: { min: 0 }, plugins: named ? ['own'] : [] }],
      plugins: [{ use: './own.mjs', name: 'own', routes: named ? 'named' : 'all', options: { ...options } }]
    },
    { directory }
  )
  return { service, url: gateway.url }
}

for (const named of [false, true]) {
  test(`what a plugin ${named ? 'of the route' : 'of all routes'} makes of an answer is compressed`, async t => {
    const hook = `async (request, reply, payload) => payload.toUpperCase()`
    const answer = { headers: { 'content-type': 'text/plain' }, body: 'quiet' }
    const { url } = await gatewayWith(t, answer, hook, {}, named)
    const { headers, body } = await ask(url, br)
    assert.equal(headers['content-encoding'], 'br')
    assert.equal(brotliDecompressSync(body).toString(), 'QUIET')
  })
}

test('a stream that breaks before anything of it is out is a problem, which has no coding', async t => {
  let cut = () => {}
  const behaviour: Behaviour = (_request, response) => {
    cut = () => void response.socket?.resetAndDestroy()
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 1_000_000, etag: '"a"' }).flushHeaders()
  }
  // The hook waits until the stream has broken, as one does that asks somebody else.
  const hook = `async (request, reply, payload) => {
    if (typeof payload?.once !== 'function') return payload
    const closed = new Promise(resolve => payload.once('close', resolve))
    options.breakIt()
    await closed
    return payload
  }`
  const { service, url } = await gatewayWith(t, behaviour, hook, { breakIt: () => cut() })
  const { status, headers, text } = await ask(url, br)
  assert.deepEqual([service.requests.length, status, JSON.parse(text).code], [1, 502, 'EG_UPSTREAM_FAILED'])
  assert.deepEqual(
    [headers['content-encoding'], headers.etag, headers['content-length']],
    [undefined, undefined, String(text.length)]
  )
})
