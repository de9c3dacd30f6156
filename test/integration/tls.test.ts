import assert from 'node:assert/strict'
import { rename, writeFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import path from 'node:path'
import { describe, test } from 'node:test'
import { build, type ConfigInput, type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { authority, certificate, selfSigned } from '../support/certificate.ts'
import { evergate } from '../support/evergate.ts'
import { metricOf } from '../support/operator.ts'
import { askSecurely, failureOf, secureTo, shownTo } from '../support/secure.ts'
import { temporary } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'

type Listener = Exclude<Extract<ConfigInput['listen'], object>, readonly unknown[]>
type Tls = NonNullable<Listener['tls']>

const own = selfSigned('gateway.example')

/** A gateway that speaks TLS in front of one service. */
async function secured(t: TestScope, tls: Partial<Tls> = {}, more: Partial<ConfigInput> = {}) {
  const service = await upstream(t, { body: 'hello' })
  const gateway = await build(t, {
    listen: { address: '127.0.0.1:0', tls: { ...(tls.certificates ? {} : own), ...tls } },
    upstreams: { service: { targets: [service.url] } },
    routes: [{ prefix: '/', upstream: 'service' }],
    ...more
  })
  const refused = (reason: string) =>
    metricOf(gateway, `evergate_connections_refused_total{listener="127.0.0.1:${gateway.port}",reason="${reason}"}`)
  return { ...gateway, service, refused }
}

describe('a listener with TLS', () => {
  test('serves HTTP, and tells the upstream that it was https', async t => {
    const { url, service } = await secured(t)
    assert.match(url, /^https:/)
    const answer = await askSecurely(`${url}/x`, { ca: own.cert, rejectUnauthorized: true, servername: 'gateway.example' })
    assert.deepEqual([answer.status, answer.text], [200, 'hello'])
    const { headers } = await service.arrived(1)
    assert.equal(headers['x-forwarded-proto'], 'https')
    assert.match(String(headers['forwarded']), /^for=127\.0\.0\.1;host="127\.0\.0\.1:\d+";proto=https$/)
  })

  test('speaks HTTP/2 to who prefers it, HTTP/1.1 to who does not know it, and ends where neither would do', async t => {
    const { port, refused } = await secured(t)
    for (const [asked, spoken] of [
      [['h2', 'http/1.1'], 'h2'],
      [['http/1.1'], 'http/1.1'],
      [undefined, false]
    ] as const) {
      const options = asked === undefined ? {} : { ALPNProtocols: [...asked] }
      const { socket } = await secureTo(t, port, { rejectUnauthorized: false, ...options })
      assert.equal(socket.alpnProtocol, spoken)
    }
    assert.match(await failureOf(t, port, { ALPNProtocols: ['h3'] }), /NO_APPLICATION_PROTOCOL/)
    assert.equal(await refused('tls-protocol'), 1)
  })

  test('without HTTP/2 speaks HTTP/1.1 when it is asked what it speaks, and ends where only HTTP/2 would do', async t => {
    const { port, refused } = await secured(t, own, { listen: { address: ':0', http2: false, tls: own } })
    const { socket } = await secureTo(t, port, { rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] })
    assert.equal(socket.alpnProtocol, 'http/1.1')
    assert.match(await failureOf(t, port, { ALPNProtocols: ['h2'] }), /NO_APPLICATION_PROTOCOL/)
    assert.equal(await refused('tls-protocol'), 1)
  })

  test('shows the certificate for the name that a client asks for', async t => {
    const { port } = await secured(t, {
      ...own,
      certificates: [
        certificate({ names: ['one.example', 'uno.example'] }),
        certificate({ names: ['*.two.example'] }),
        { ...certificate({ names: ['inside'] }), hosts: ['Outside.example'] }
      ]
    })
    const shown = async (name: string | undefined) => [name, await shownTo(t, port, name)]
    const expected: [string | undefined, string][] = [
      ['one.example', 'one.example'],
      ['UNO.example', 'one.example'],
      ['a.two.example', '*.two.example'],
      ['two.example', 'gateway.example'],
      ['a.b.two.example', 'gateway.example'],
      ['outside.example', 'inside'],
      ['inside', 'gateway.example'],
      ['other.example', 'gateway.example'],
      [undefined, 'gateway.example']
    ]
    for (const each of expected) assert.deepEqual(await shown(each[0]), each)
  })

  test('speaks TLS 1.2 and 1.3, and nothing older', async t => {
    const { port, refused } = await secured(t)
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { socket } = await secureTo(t, port, { rejectUnauthorized: false, minVersion: version, maxVersion: version })
      assert.equal(socket.getProtocol(), version)
    }
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    assert.match(await failureOf(t, port, old), /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/)
    assert.equal(await refused('tls-version'), 1)
  })

  test('speaks only TLS 1.3 where the configuration says so', async t => {
    const { port } = await secured(t, { minVersion: 'TLSv1.3' })
    assert.match(await failureOf(t, port, { maxVersion: 'TLSv1.2' }), /PROTOCOL_VERSION/)
    const { socket } = await secureTo(t, port, { rejectUnauthorized: false })
    assert.equal(socket.getProtocol(), 'TLSv1.3')
  })

  test('takes no cipher suite without forward secrecy and authenticated encryption', async t => {
    const { port, refused } = await secured(t)
    for (const ciphers of ['AES128-SHA', 'ECDHE-ECDSA-AES128-SHA', 'AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-SHA384'])
      assert.match(await failureOf(t, port, { ciphers, maxVersion: 'TLSv1.2' }), /HANDSHAKE_FAILURE/, ciphers)
    assert.equal(await refused('tls-cipher'), 4)
    const { socket } = await secureTo(t, port, { rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
    assert.match(socket.getCipher().name, /^ECDHE-ECDSA-.*(GCM|POLY1305)/)
  })

  test('with a list of suites of TLS 1.2 speaks TLS 1.3 as well', async t => {
    const { port } = await secured(t, { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })
    const protocolWith = async (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
      (await secureTo(t, port, { rejectUnauthorized: false, maxVersion })).socket.getCipher().name
    assert.equal(await protocolWith('TLSv1.2'), 'ECDHE-ECDSA-AES256-GCM-SHA384')
    assert.match(await protocolWith('TLSv1.3'), /^TLS_/)
  })

  test('ends connections that speak no TLS, counts them, and serves on', async t => {
    const { url, port, refused, service } = await secured(t)
    const plain = await wireTo(t, port)
    plain.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    assert.doesNotMatch(await plain.all(), /HTTP\/1/)
    const garbage = await wireTo(t, port)
    garbage.send(Buffer.alloc(500, 0xa5))
    await garbage.all()
    const half = await wireTo(t, port)
    half.send(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
    half.socket.end()
    await half.all()
    const looker = await wireTo(t, port)
    looker.socket.end()
    await looker.all()
    assert.equal((await askSecurely(url)).text, 'hello')
    assert.deepEqual(await Promise.all(['tls-plain', 'tls-malformed', 'tls-unfinished'].map(refused)), [1, 1, 1])
    assert.equal(service.requests.length, 1)
  })

  test('ends a client that never finishes its handshake', async t => {
    const { port, refused } = await secured(t, {}, { timeouts: { headers: '300ms' } })
    const slow = await wireTo(t, port)
    slow.send(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
    await slow.all()
    assert.equal(await refused('tls-timeout'), 1)
  })

  test('drains as another listener does, and waits for nobody who has not begun', async t => {
    const { port, url, close } = await secured(t)
    const agent = new Agent({ keepAlive: true })
    t.after(async () => agent.destroy())
    assert.equal((await askSecurely(url, { agent })).text, 'hello')
    const begun = await wireTo(t, port)
    begun.send(Buffer.from([0x16, 0x03, 0x01]))
    const idle = await secureTo(t, port, { rejectUnauthorized: false })
    await close()
    await Promise.all([begun.all(), idle.closed])
  })
})

describe('client certificates', () => {
  const ca = authority('clients')
  const good = certificate({ names: ['reporting'], by: ca })
  const foreign = certificate({ names: ['reporting'], by: authority('clients') })

  test('that are required keep out who shows none, or one of another authority', async t => {
    const { url, port, refused, service } = await secured(t, { clientCertificates: { ca: ca.cert } })
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      assert.equal((await askSecurely(url, { ...good, maxVersion })).text, 'hello')
      assert.doesNotMatch(await failureOf(t, port, { maxVersion }), /HTTP/)
      assert.doesNotMatch(await failureOf(t, port, { ...foreign, maxVersion }), /HTTP/)
    }
    await until(async () => (await refused('tls-client-certificate')) === 4)
    assert.equal(service.requests.length, 2)
  })

  test('that are optional let in who shows none, and keep out a wrong one', async t => {
    const { url, port, refused, service } = await secured(t, { clientCertificates: { ca: ca.cert, require: false } })
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      assert.equal((await askSecurely(url, { ...good, maxVersion })).text, 'hello')
      assert.equal((await askSecurely(url, { maxVersion })).text, 'hello')
      assert.doesNotMatch(await failureOf(t, port, { ...foreign, maxVersion }), /HTTP/)
    }
    await until(async () => (await refused('tls-client-certificate')) === 2)
    assert.equal(service.requests.length, 4)
  })

  test('say who asks where a route wants that', async t => {
    const { url, service } = await secured(
      t,
      { clientCertificates: { ca: ca.cert, require: false } },
      {
        security: { certificate: { name: 'dns', allow: ['reporting'] } },
        routes: [{ prefix: '/', upstream: 'service', auth: { certificate: true, forward: { fingerprint: 'x-client' } } }]
      }
    )
    assert.equal((await askSecurely(url)).status, 401)
    assert.equal((await askSecurely(url, certificate({ names: ['other'], by: ca }))).status, 401)
    const answer = await askSecurely(url, { ...good, headers: { 'x-client': 'forged' } })
    assert.deepEqual([answer.status, answer.text], [200, 'hello'])
    assert.match(String(service.requests[0]?.headers['x-client']), /^[0-9a-f]{64}$/)
  })

  test('that have expired are not accepted', async t => {
    const { port } = await secured(t, { clientCertificates: { ca: ca.cert, require: false } })
    const expired = certificate({ names: ['reporting'], by: ca, from: '200101', to: '210101' })
    assert.doesNotMatch(await failureOf(t, port, expired), /HTTP/)
  })
})

describe('a certificate that is renewed', () => {
  async function withFiles(t: TestScope) {
    const directory = await temporary(t)
    const file = (name: string) => path.join(directory, name)
    const write = async ({ cert, key }: { cert: string; key: string }) => {
      await writeFile(file('cert.new'), cert)
      await writeFile(file('key.new'), key)
      await rename(file('cert.new'), file('cert.pem'))
      await rename(file('key.new'), file('key.pem'))
    }
    await write(certificate({ names: ['old'] }))
    const gateway = await secured(t, { cert: file('cert.pem'), key: file('key.pem') })
    return { ...gateway, file, write, shown: () => shownTo(t, gateway.port, undefined) }
  }

  test('is shown to new connections, and old ones go on', async t => {
    const { port, write, shown, url } = await withFiles(t)
    const kept = await secureTo(t, port, { rejectUnauthorized: false })
    const use = async (count: number) => {
      kept.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      await kept.until(new RegExp(`^(?:[\\s\\S]*?hello){${count}}`))
    }
    await use(1)
    let running = true
    let answered = 0
    const load = Array.from({ length: 4 }, async () => {
      while (running) {
        assert.equal((await askSecurely(url)).text, 'hello')
        answered++
      }
    })
    await write(certificate({ names: ['new'] }))
    await until(async () => (await shown()) === 'new')
    const before = answered
    await until(() => answered > before + 20)
    running = false
    await Promise.all(load)
    await use(2)
    assert.equal(kept.socket.getPeerCertificate().subject.CN, 'old')
  })

  test('but cannot be used leaves the old one in use, and the next one is taken', async t => {
    const { write, shown, gateway, file } = await withFiles(t)
    await writeFile(file('key.pem'), selfSigned('x').key)
    const broken = [certificate({ names: ['broken'] }).cert, own.key] as const
    await write({ cert: broken[0], key: broken[1] })
    assert.equal(await shown(), 'old')
    await write(certificate({ names: ['whole'] }))
    await until(async () => (await shown()) === 'whole')
    assert.ok(gateway)
  })
})

describe('a listener that redirects', () => {
  const redirecting = async (t: TestScope, redirect: NonNullable<Listener['redirect']>) => {
    const service = await upstream(t)
    const gateway = await build(t, {
      listen: [
        { address: ':80', redirect },
        { address: ':443', tls: own }
      ],
      upstreams: { service: { targets: [service.url] } },
      routes: [{ prefix: '/', upstream: 'service' }]
    })
    return { ...gateway, service }
  }

  test('sends every request to the same place under https', async t => {
    const { url, urls, service, ...gateway } = await redirecting(t, 'https')
    assert.match(urls[1] ?? '', /^https:/)
    const location = async (where: string, method = 'GET', host = 'Shop.example:8080') => {
      const { status, headers } = await ask(`${url}${where}`, { method, headers: { host } })
      return [status, headers.location, typeof headers['x-request-id']]
    }
    assert.deepEqual(await location('/a/b?c=d&e'), [308, 'https://Shop.example/a/b?c=d&e', 'string'])
    assert.deepEqual(await location('/', 'POST', '[::1]:80'), [308, 'https://[::1]/', 'string'])
    assert.deepEqual(await location('//evil.example/', 'HEAD'), [308, 'https://Shop.example//evil.example/', 'string'])
    assert.equal(service.requests.length, 0)
    assert.equal(await metricOf(gateway, 'evergate_requests_total{route="none",method="GET",status="308"}'), 1)
  })

  test('names the port that it is given, and nothing where no host is', async t => {
    const { port } = await redirecting(t, { port: 8443 })
    const said = async (head: string) => {
      const wire = await wireTo(t, port)
      wire.send(`${head}\r\nConnection: close\r\n\r\n`)
      const text = await wire.all()
      return [text.slice(9, 12), /^location: (.*)\r$/m.exec(text)?.[1]]
    }
    assert.deepEqual(await said('GET /?x HTTP/1.1\r\nhost: a'), ['308', 'https://a:8443/?x'])
    assert.deepEqual(await said('GET http://b:80/y HTTP/1.1\r\nhost: a'), ['308', 'https://b:8443/y'])
    assert.deepEqual(await said('GET http://b HTTP/1.1\r\nhost: a'), ['308', 'https://b:8443/'])
    assert.deepEqual(await said('GET http://b?q HTTP/1.1\r\nhost: a'), ['308', 'https://b:8443/?q'])
    assert.deepEqual(await said('OPTIONS * HTTP/1.1\r\nhost: a'), ['400', undefined])
    assert.deepEqual(await said('GET / HTTP/1.0\r\nx: y'), ['400', undefined])
    assert.deepEqual(await said('GET http://u@b/ HTTP/1.1\r\nhost: a'), ['400', undefined])
  })
})

describe('a process with TLS', () => {
  test('says where it listens, keeps keys out of sight, and drains on SIGTERM: what runs over TLS finishes', async t => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const service = await upstream(t, async (_request, response) => {
      await released
      response.end('done')
    })
    const gateway = await evergate(
      t,
      {
        listen: [{ address: '127.0.0.1:0', tls: { cert: 'cert.pem', key: 'key.pem' } }],
        upstreams: { service: { targets: [service.url] } },
        routes: [{ prefix: '/', upstream: 'service' }],
        drain: { notReady: 0, finish: '20s' }
      },
      { 'cert.pem': own.cert, 'key.pem': own.key }
    )
    assert.match(gateway.url, /^https:/)
    const config = (await ask(`${gateway.adminUrl}/api/config`)).text
    assert.match(config, /key\.pem/)
    assert.doesNotMatch(config, /-----/)
    const begun = await wireTo(t, gateway.port)
    begun.send(Buffer.from([0x16, 0x03, 0x01]))
    const idle = await secureTo(t, gateway.port, { rejectUnauthorized: false })
    const slow = askSecurely(gateway.url)
    await service.arrived(1)
    gateway.child.kill('SIGTERM')
    await Promise.all([begun.all(), idle.closed])
    release()
    const { text, headers } = await slow
    assert.deepEqual([text, headers['connection']], ['done', 'close'])
    assert.equal(await gateway.exited, 0)
  })
})
