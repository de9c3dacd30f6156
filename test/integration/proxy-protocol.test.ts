import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { connect as connectSecurely } from 'node:tls'
import { type BuildOptions, build, type ConfigInput, type TestScope, upstream } from '../../src/testing.ts'
import { accessLog } from '../support/access-log.ts'
import { selfSigned } from '../support/certificate.ts'
import { metricOf } from '../support/operator.ts'
import { Wire, wireTo } from '../support/wire.ts'

const request = 'GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
const version1 = 'PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n'
const version2 = Buffer.from('0d0a0d0a000d0a515549540a211100 0ccb007107c0000201dc0401bb'.replace(' ', ''), 'hex')

async function proxied(t: TestScope, more: Partial<ConfigInput> = {}, options: BuildOptions = {}, tls?: object) {
  const service = await upstream(t, { body: 'hello' })
  const config: ConfigInput = {
    listen: { address: ':0', proxyProtocol: true, ...tls },
    trustProxy: ['127.0.0.1'],
    upstreams: { service: { targets: [service.url] } },
    routes: [{ prefix: '/', upstream: 'service' }],
    ...more
  }
  const gateway = await build(t, config, options)
  const refused = (reason: string) =>
    metricOf(gateway, `evergate_connections_refused_total{listener="127.0.0.1:${gateway.port}",reason="${reason}"}`)
  return { ...gateway, service, refused }
}

describe('a listener with PROXY headers', () => {
  for (const [name, header] of [['1', Buffer.from(version1)] as const, ['2', version2] as const]) {
    test(`takes the client's address from version ${name}: for the upstream, the log and request.ip`, async t => {
      const log = accessLog()
      const { port, service } = await proxied(t, {}, { logger: log.logger })
      const wire = await wireTo(t, port)
      wire.send(Buffer.concat([header, Buffer.from(request)]))
      assert.match(await wire.all(), /^HTTP\/1\.1 200 [\s\S]*hello/)
      const { headers } = await service.arrived(1)
      assert.equal(headers['x-forwarded-for'], '203.0.113.7')
      assert.equal(headers['forwarded'], 'for=203.0.113.7;host="a";proto=http')
      assert.equal(((await log.line(1)) as object as { client: string }).client, '203.0.113.7')
    })

    test(`does not care how the bytes of version ${name} are cut, nor where the request begins`, async t => {
      const { port, service } = await proxied(t)
      const bytes = Buffer.concat([header, Buffer.from(request)])
      for (let cut = 1; cut <= header.length + 3; cut++) {
        const wire = await wireTo(t, port)
        wire.socket.setNoDelay(true)
        wire.send(bytes.subarray(0, cut))
        await new Promise(resolve => setImmediate(resolve))
        wire.send(bytes.subarray(cut))
        assert.match(await wire.all(), /^HTTP\/1\.1 200 [\s\S]*hello/, `cut at ${cut}`)
      }
      assert.ok(service.requests.every(({ headers }) => headers['x-forwarded-for'] === '203.0.113.7'))
    })
  }

  test('keeps the address of the connection where the header gives none', async t => {
    const { port, service } = await proxied(t)
    const local = Buffer.concat([version2.subarray(0, 12), Buffer.from([0x20, 0, 0, 0])])
    for (const header of [Buffer.from('PROXY UNKNOWN\r\n'), local]) {
      const wire = await wireTo(t, port)
      wire.send(Buffer.concat([header, Buffer.from(request)]))
      assert.match(await wire.all(), /^HTTP\/1\.1 200/)
    }
    assert.deepEqual(
      service.requests.map(({ headers }) => headers['x-forwarded-for']),
      ['127.0.0.1', '127.0.0.1']
    )
  })

  test('believes what the client itself forwards only where that client is trusted', async t => {
    const { port, service } = await proxied(t)
    const claims = 'GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 198.51.100.9\r\nconnection: close\r\n\r\n'
    for (const header of [version1, 'PROXY TCP4 127.0.0.1 192.0.2.1 56324 443\r\n']) {
      const wire = await wireTo(t, port)
      wire.send(header + claims)
      await wire.all()
    }
    assert.deepEqual(
      service.requests.map(({ headers }) => headers['x-forwarded-for']),
      ['203.0.113.7', '198.51.100.9, 127.0.0.1']
    )
  })

  test('serves many requests of a connection, and a body behind the header', async t => {
    const { port, service } = await proxied(t)
    const wire = await wireTo(t, port)
    wire.send(`${version1}POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n12345`)
    await wire.until(/hello/)
    wire.send(request)
    await wire.all()
    assert.deepEqual(
      service.requests.map(({ headers }) => headers['x-forwarded-for']),
      ['203.0.113.7', '203.0.113.7']
    )
    assert.equal((await service.requests[0]?.body)?.toString(), '12345')
  })

  test('ends what begins in another way at once, and counts it', async t => {
    const { port, refused, service } = await proxied(t)
    for (const bytes of [request, 'PROXY TCP4 1.2.3.4\r\n', '\r\n\r\n\0\r\nQUIT\n\x31', '\x16\x03\x01']) {
      const wire = await wireTo(t, port)
      wire.send(bytes)
      assert.equal(await wire.all(), '')
    }
    const unfinished = await wireTo(t, port)
    unfinished.send('PROXY TCP4')
    unfinished.socket.end()
    assert.equal(await unfinished.all(), '')
    const looker = await wireTo(t, port)
    looker.socket.end()
    await looker.all()
    assert.deepEqual(await Promise.all(['proxy-malformed', 'proxy-unfinished'].map(refused)), [4, 1])
    assert.equal(service.requests.length, 0)
  })

  test('ends a connection whose header does not come in time', async t => {
    const { port, refused } = await proxied(t, { timeouts: { headers: '200ms' } })
    const wire = await wireTo(t, port)
    wire.send('PROXY ')
    assert.equal(await wire.all(), '')
    assert.equal(await refused('proxy-timeout'), 1)
  })

  test('ends a connection of a peer that is not trusted', async t => {
    const { port, refused } = await proxied(t, { trustProxy: ['10.0.0.0/8'] })
    const wire = await wireTo(t, port)
    assert.equal(await wire.all(), '')
    assert.equal(await refused('proxy-untrusted'), 1)
  })

  test('still has the time limits of HTTP, and drains without waiting for headers', async t => {
    const { port, close } = await proxied(t, { timeouts: { headers: '300ms' } })
    const slow = await wireTo(t, port)
    slow.send(`${version1}GET / HT`)
    assert.match(await slow.all(), /^HTTP\/1\.1 408/)
    const idle = await wireTo(t, port)
    idle.send(`${version1}GET / HTTP/1.1\r\nhost: a\r\n\r\n`)
    await idle.until(/hello/)
    const begun = await wireTo(t, port)
    begun.send('PROXY ')
    await close()
    await Promise.all([idle.all(), begun.all()])
  })

  test('redirects under https as another does', async t => {
    const { port } = await proxied(t, {}, {}, { redirect: 'https' })
    const wire = await wireTo(t, port)
    wire.send(version1 + request)
    assert.match(await wire.all(), /^HTTP\/1\.1 308 [\s\S]*location: https:\/\/a\/x\r\n/)
  })
})

describe('PROXY headers before TLS', () => {
  const own = selfSigned('gateway.example')

  async function secured(t: TestScope, socket: Socket): Promise<Wire> {
    const secure = connectSecurely({ socket, rejectUnauthorized: false })
    t.after(async () => void secure.destroy())
    await once(secure, 'secureConnect')
    return new Wire(secure)
  }

  test('give the address of who speaks TLS behind them', async t => {
    const { port, service, close } = await proxied(t, {}, {}, { tls: own })
    for (const header of [version1, version2]) {
      const socket = connect(port, '127.0.0.1')
      socket.write(header)
      const wire = await secured(t, socket)
      wire.send(request)
      assert.match(await wire.all(), /^HTTP\/1\.1 200 [\s\S]*hello/)
    }
    for (const { headers } of service.requests) assert.equal(headers['forwarded'], 'for=203.0.113.7;host="a";proto=https')
    await close()
  })

  test('may come in one piece with the first bytes of it', async t => {
    const { port, service } = await proxied(t, {}, {}, { tls: own })
    const socket = connect({ port, host: '127.0.0.1' })
    socket.cork()
    socket.write(version1)
    process.nextTick(() => setImmediate(() => socket.uncork()))
    const wire = await secured(t, socket)
    wire.send(request)
    assert.match(await wire.all(), /^HTTP\/1\.1 200 [\s\S]*hello/)
    assert.equal((await service.arrived(1)).headers['x-forwarded-for'], '203.0.113.7')
  })

  test('are read under load, each with the connection that it came on', async t => {
    const { port, service } = await proxied(t, {}, {}, { tls: own })
    const one = async (number: number) => {
      const socket = connect(port, '127.0.0.1')
      socket.write(`PROXY TCP6 2001:db8::${number} ::1 1 2\r\n`)
      const wire = await secured(t, socket)
      wire.send(`GET /${number} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      await wire.all()
    }
    await Promise.all(Array.from({ length: 30 }, (_, index) => one(index + 1)))
    assert.equal(service.requests.length, 30)
    for (const { url, headers } of service.requests) assert.equal(headers['x-forwarded-for'], `2001:db8::${url?.slice(1)}`)
  })

  test('ends a handshake that never ends, and what is no TLS', async t => {
    const { port, refused } = await proxied(t, { timeouts: { headers: '200ms' } }, {}, { tls: own })
    const slow = await wireTo(t, port)
    slow.send(version1)
    assert.equal(await slow.all(), '')
    const plain = await wireTo(t, port)
    plain.send(version1 + request)
    assert.doesNotMatch(await plain.all(), /HTTP/)
    const looker = await wireTo(t, port)
    looker.send(version1)
    looker.socket.end()
    await looker.all()
    const reasons = ['tls-timeout', 'tls-plain', 'tls-unfinished']
    assert.deepEqual(await Promise.all(reasons.map(refused)), [1, 1, undefined])
  })
})
