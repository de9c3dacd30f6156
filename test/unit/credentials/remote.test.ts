import assert from 'node:assert/strict'
import { test } from 'node:test'
import { upstream } from '../../../src/testing/upstream.ts'
import { selfSigned } from '../../support/certificate.ts'
import { nowhere } from '../../support/gateway.ts'
import { asking } from './asking.ts'

const get = { method: 'GET', headers: {} } as const

test('the answer has its status, headers and text', async t => {
  const server = await upstream(t, { status: 404, headers: { 'x-a': 'b' }, body: 'hello' })
  const answer = await asking(t, `${server.url}/a?b=c`).remote.ask(get)
  assert.deepEqual([answer?.status, answer?.headers['x-a'], answer?.text], [404, 'b', 'hello'])
  assert.equal(server.requests[0]?.url, '/a?b=c')
})

test('a redirect is not followed', async t => {
  const server = await upstream(t, { status: 302, headers: { location: '/b' } })
  assert.equal((await asking(t, server.url).remote.ask(get))?.status, 302)
  assert.equal(server.requests.length, 1)
})

test('no answer in time is none, and the question is taken back', async t => {
  const server = await upstream(t, 'hang')
  const { remote, scheduler, events } = asking(t, `${server.url}/a?secret=x`)
  const asked = remote.ask(get)
  const question = await server.arrived(1)
  scheduler.advance(1000)
  assert.equal(await asked, undefined)
  await question.ended
  assert.equal(question.aborted, true)
  assert.deepEqual(events, [{ kind: 'unreachable', url: `${server.url}/a`, why: 'no answer within 1000 ms' }])
})

test('an answer that does not end in time is none', async t => {
  const server = await upstream(t, (_request, response) => void response.writeHead(200).write('begin'))
  const { remote, scheduler } = asking(t, server.url)
  const asked = remote.ask(get)
  await server.arrived(1)
  scheduler.advance(1000)
  assert.equal(await asked, undefined)
})

test('a server that is not there, breaks off or does not speak HTTP is no answer, and told once until it is of use', async t => {
  const server = await upstream(t, ['reset', 'reset', { body: 'x', cutAfter: 0 }, {}, 'reset'])
  const { remote, events } = asking(t, server.url)
  assert.deepEqual([await remote.ask(get), await remote.ask(get)], [undefined, undefined])
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['unreachable']
  )
  assert.equal((await remote.ask(get))?.status, 200)
  remote.succeeded()
  remote.succeeded()
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['unreachable', 'reachable']
  )
  await remote.ask(get)
  assert.equal(events.length, 3)
  assert.equal(await asking(t, nowhere).remote.ask(get), undefined)
})

test('a question whose connection broke without an answer is asked once more', async t => {
  const server = await upstream(t, [{ body: 'one' }, 'reset', { body: 'two' }, 'reset', 'reset', { body: 'three' }])
  const { remote } = asking(t, server.url)
  const texts: (string | undefined)[] = []
  for (let i = 0; i < 4; i++) texts.push((await remote.ask(get))?.text)
  assert.deepEqual([texts, server.requests.length], [['one', 'two', undefined, 'three'], 6])
})

test('an answer that is too long is none', async t => {
  const server = await upstream(t, [{ body: 'x'.repeat(300_000) }, { body: 'ok' }])
  const { remote, events } = asking(t, server.url)
  assert.equal(await remote.ask(get), undefined)
  assert.deepEqual(events, [{ kind: 'unreachable', url: `${server.url}/`, why: 'its answer is too long' }])
  assert.equal((await remote.ask(get))?.text, 'ok')
})

test('a certificate that nobody vouches for is no answer', async t => {
  const server = await upstream(t, {}, { tls: selfSigned('127.0.0.1') })
  const { remote, events } = asking(t, server.url)
  assert.equal(await remote.ask(get), undefined)
  assert.equal(server.requests.length, 0)
  assert.match(JSON.stringify(events), /CERT/)
})

test('a thousand questions are under way at most', async t => {
  const server = await upstream(t, 'hang')
  const { remote, events, scheduler } = asking(t, server.url)
  const asked = Array.from({ length: 1000 }, () => remote.ask(get))
  assert.equal(await remote.ask(get), undefined)
  assert.equal(events.length, 1)
  scheduler.advance(1000)
  assert.deepEqual(new Set(await Promise.all(asked)), new Set([undefined]))
})

test('a header that cannot be sent is no answer', async t => {
  const server = await upstream(t)
  assert.equal(await asking(t, server.url).remote.ask({ method: 'GET', headers: { 'x-a': 'b\nc: d' } }), undefined)
  assert.equal(server.requests.length, 0)
})

test('what is closed answers nothing, and what was asked before gets none', async t => {
  const server = await upstream(t, 'hang')
  const { remote, events } = asking(t, server.url)
  const asked = remote.ask(get)
  await server.arrived(1)
  await remote.close()
  assert.deepEqual([await asked, await remote.ask(get), events], [undefined, undefined, []])
  await server.disconnected()
})
