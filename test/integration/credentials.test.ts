import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import Fastify from 'fastify'
import pino from 'pino'
import { buildCredentialAuthenticators } from '../../src/assemble-credentials.ts'
import { readCredentialFile } from '../../src/credentials/credential-file.ts'
import { addKey, documentText, putUser, revoke } from '../../src/credentials/edit-file.ts'
import { hashPassword } from '../../src/credentials/password.ts'
import { upstream } from '../../src/testing.ts'
import { monotonicClock } from '../../src/time/clock.ts'
import { processScheduler } from '../../src/time/scheduler.ts'
import { parseText, small } from '../config/reading.ts'
import { ask } from '../support/ask.ts'
import { temporary } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { wordOf } from '../unit/credentials/shown.ts'

/** A server whose answer says, for each kind that is configured, what came of looking. */
async function identifying(t: TestContext, security: string, directory: string) {
  const parsed = parseText(`${small}security: { ${security} }\n`, {}, directory)
  assert.ok(parsed.ok)
  const log: Record<string, unknown>[] = []
  const logger = pino({ level: 'info', base: null }, { write: line => void log.push(JSON.parse(line)) })
  const parts = { clock: monotonicClock, scheduler: processScheduler, logger }
  const { authenticators, close } = buildCredentialAuthenticators(parsed.config.security, parts)
  const app = Fastify()
  t.after(async () => {
    await app.close()
    await close()
  })
  const words = new WeakMap<object, string>()
  app.addHook('onRequest', async request => {
    const { method, headers, host, ip, raw } = request
    const { pathname, search } = new URL(raw.url ?? '/', 'http://a')
    const shown = { method, headers, host, ip, path: pathname, search }
    const found = await Promise.all(authenticators.map(each => each.identify(shown)))
    words.set(request, found.map(wordOf).join(' '))
  })
  app.get('*', async request => words.get(request))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  // A server that listens on a host and port has an AddressInfo.
  const { port } = app.server.address() as AddressInfo
  const shown = async (headers: Readonly<Record<string, string>>, target = '/') => (await ask(url + target, { headers })).text
  return { shown, port, log, close }
}

function opened(content: string) {
  const result = readCredentialFile(content)
  assert.ok(result.ok)
  return result
}

const grant = (name: string) => ({ name, created: '2026-01-01', scopes: [], labels: {} })

test('a key lets in until it is revoked in the file, which is read while requests come', async t => {
  const directory = await temporary(t)
  const file = path.join(directory, 'keys.yaml')
  const { document, file: content } = opened('')
  const key = addKey(document, content, grant('shop'))
  await writeFile(file, documentText(document))
  const { shown, log } = await identifying(t, 'apiKeys: { file: keys.yaml }', directory)
  const bearing = (each: string) => shown({ 'x-api-key': each })
  assert.deepEqual([await bearing(key), await bearing(`${key}x`), await shown({})], ['(shop)', 'invalid', 'absent'])

  await writeFile(file, 'keys: [')
  await until(() => log.some(({ msg }) => String(msg).startsWith('credentials cannot be read')))
  assert.equal(await bearing(key), '(shop)')

  const second = addKey(document, content, grant('shop'))
  revoke(document, 'keys', key.split('.')[0] ?? '', '2026-01-02')
  await writeFile(`${file}.new`, documentText(document))
  await rename(`${file}.new`, file)
  await until(async () => (await bearing(second)) === '(shop)')
  assert.equal(await bearing(key), 'revoked')
  assert.deepEqual(
    log.map(({ level, msg }) => [level, msg]),
    [
      [30, 'credentials were read'],
      [50, 'credentials cannot be read; those read before stay'],
      [30, 'credentials were read']
    ]
  )
  assert.ok(!JSON.stringify(log).includes(key.split('.')[1] ?? key))
})

test('a header that is sent twice is no key, whichever of them is right', async t => {
  const directory = await temporary(t)
  const { document, file } = opened('')
  const key = addKey(document, file, grant('shop'))
  await writeFile(path.join(directory, 'keys.yaml'), documentText(document))
  const { port } = await identifying(t, 'apiKeys: { file: keys.yaml }', directory)
  const raw = async (lines: readonly string[]) => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines.map(line => `${line}\r\n`).join('')}\r\n`)
    return (await text(socket)).split('\r\n\r\n')[1]
  }
  assert.equal(await raw([`X-API-Key: ${key}`]), '(shop)')
  for (const lines of [
    [`x-api-key: ${key}`, `x-api-key: ${key}`],
    [`x-api-key: ${key}`, 'X-Api-Key: x'],
    ['x-api-key: x', `X-API-KEY: ${key}`],
    ['x-api-key:', `x-api-key: ${key}`]
  ])
    assert.equal(await raw(lines), 'malformed')
  assert.equal(await raw(['x-api-key:']), 'malformed')
})

test('every kind looks at what is its own', async t => {
  const directory = await temporary(t)
  const { document, file } = opened('')
  const key = addKey(document, file, grant('shop'))
  putUser(document, grant('ann'), await hashPassword('correct horse', { logN: 4, r: 8, p: 1 }))
  await writeFile(path.join(directory, 'keys.yaml'), documentText(document))
  const issuer = await upstream(t, { body: '{"active":true,"sub":"eve"}' })
  const service = await upstream(t, ({ headers }, response) => {
    response.writeHead(headers['authorization'] === undefined ? 401 : 204, { 'x-auth-request-user': 'sam' }).end()
  })
  const { shown, close, log } = await identifying(
    t,
    `apiKeys: { file: keys.yaml }, basic: { file: keys.yaml }, introspection: { url: "${issuer.url}", clientId: a, clientSecret: b }, service: { url: "${service.url}" }`,
    directory
  )
  const pair = `Basic ${Buffer.from('ann:correct horse').toString('base64')}`
  assert.equal(await shown({}), 'absent absent absent invalid')
  assert.equal(await shown({ 'x-api-key': key, authorization: pair }), '(shop) (ann) absent (sam)')
  assert.equal(await shown({ authorization: 'Bearer x' }, '/a?b=c'), 'absent absent (eve) (sam)')
  assert.equal(service.requests[2]?.headers['x-forwarded-uri'], '/a?b=c')

  await close()
  assert.equal(await shown({ authorization: 'Bearer y', 'x-api-key': key }), '(shop) absent unavailable unavailable')
  await Promise.all([issuer.disconnected(), service.disconnected()])
  assert.deepEqual(
    log.map(({ level }) => level),
    [30, 30]
  )
})

test('nothing is made where nothing is configured', () => {
  const parts = { clock: monotonicClock, scheduler: processScheduler, logger: undefined }
  assert.deepEqual(buildCredentialAuthenticators({}, parts).authenticators, [])
})

test('a file that has gone since it was checked lets nobody in, and ends nothing', async t => {
  const file = path.join(await temporary(t), 'none.yaml')
  const settings = { file, header: 'x-api-key', authorization: false, realm: 'api', passOn: true }
  const parts = { clock: monotonicClock, scheduler: processScheduler, logger: undefined }
  const { authenticators, close } = buildCredentialAuthenticators({ apiKeys: settings }, parts)
  t.after(close)
  const [keys] = authenticators
  const request = { method: 'GET', path: '/', search: '', host: 'a', ip: '::1', headers: { 'x-api-key': `a.${'b'.repeat(32)}` } }
  assert.deepEqual(await keys?.identify(request), { kind: 'refused', reason: 'invalid' })
})
