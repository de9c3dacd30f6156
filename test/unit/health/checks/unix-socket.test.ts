import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { describe, test } from 'node:test'
import { upstream } from '../../../../src/testing.ts'
import { temporary } from '../../../support/temporary.ts'
import { checking } from '../fixtures/checking.ts'
import { serving } from '../fixtures/http2-server.ts'

const skip = process.platform === 'win32' && 'there are no such sockets'

describe('a target at a socket', { skip }, () => {
  test('is asked over it by http, with localhost as Host', async t => {
    const file = `${await temporary(t)}/app.sock`
    const hosts: unknown[] = []
    const server = createHttp((request, response) => {
      hosts.push(request.headers.host)
      response.end()
    }).listen(file)
    await once(server, 'listening')
    t.after(async () => void server.closeAllConnections())
    t.after(async () => void server.close())
    assert.deepEqual(await checking(t, `unix:${file}`).run(), { ok: true, text: 'status 200' })
    assert.deepEqual(await checking(t, `unix:${file}`, { type: 'tcp' }).run(), { ok: true, text: 'connected' })
    assert.deepEqual(hosts, ['localhost'])
  })

  test('is asked over it by grpc', async t => {
    const file = `${await temporary(t)}/app.sock`
    const sessions: ServerHttp2Session[] = []
    const server = createHttp2()
    server.on('session', session => sessions.push(session))
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.resume()
      stream.on('end', () => serving(1)(stream, 1))
    })
    server.listen(file)
    await once(server, 'listening')
    t.after(async () => {
      for (const session of sessions) session.destroy()
      server.close()
    })
    assert.deepEqual(await checking(t, `unix:${file}`, { type: 'grpc' }).run(), { ok: true, text: 'SERVING' })
  })

  test('is asked at a port of this machine where one is given', async t => {
    const service = await upstream(t)
    assert.deepEqual(await checking(t, 'unix:/nowhere/app.sock', { port: service.port }).run(), { ok: true, text: 'status 200' })
    assert.equal(service.requests[0]?.headers.host, `localhost:${service.port}`)
  })

  test('fails its check where nobody listens', async t => {
    const refused = { ok: false, failure: 'refused', text: 'no such socket' }
    assert.deepEqual(await checking(t, `unix:${await temporary(t)}/app.sock`).run(), refused)
    assert.deepEqual(await checking(t, 'unix:/dev/null/app.sock').run(), refused)
  })
})
