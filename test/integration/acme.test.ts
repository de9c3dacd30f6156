import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import pino from 'pino'
import type { GatewayParts } from '../../src/app.ts'
import { build, type ConfigInput, type TestGateway, type TestScope, upstream } from '../../src/testing.ts'
import { processScheduler, type Scheduler, VirtualScheduler } from '../../src/time/scheduler.ts'
import { ask } from '../support/ask.ts'
import { metricOf } from '../support/operator.ts'
import { type Pebble, pebble, withoutPebble } from '../support/pebble.ts'
import { askSecurely, failureOf, secureTo } from '../support/secure.ts'
import { temporary } from '../support/temporary.ts'
import { until } from '../support/until.ts'

type Line = Readonly<Record<string, unknown>>

interface Setup {
  readonly storage: string
  /** Its time in place of the process's. */
  readonly time?: Pick<GatewayParts, 'scheduler' | 'wallClock'>
  readonly domains?: string[]
  /** Of the plain listener. */
  readonly redirect?: 'https'
}

/** A gateway with a plain listener and one with TLS, and its log. */
async function gatewayWith(t: TestScope, { directory, ca }: Pick<Pebble, 'directory' | 'ca'>, setup: Setup) {
  const { storage, domains = ['one.example', 'two.example'], redirect, time } = setup
  const service = await upstream(t, { body: 'hello' })
  const log: Line[] = []
  const logger = pino({ base: null }, { write: line => void log.push(JSON.parse(line)) })
  const acme = { directory, email: 'ops@one.example', domains, storage, agreeToTerms: true, ca }
  const listen: ConfigInput['listen'] = [
    { address: '127.0.0.1:0', ...(redirect && { redirect }) },
    { address: '127.0.0.1:0', tls: { acme } }
  ]
  const gateway = await build(
    t,
    { listen, upstreams: { service: { targets: [service.url] } }, routes: [{ prefix: '/', upstream: 'service' }] },
    { logger, ...time }
  )
  const port = (index: number) => Number(new URL(gateway.urls[index] ?? '').port)
  const logged = (message: string) => log.find(({ msg }) => msg === message)
  return { ...gateway, service, log, logged, plain: port(0), secure: port(1) }
}

const failures = (gateway: TestGateway) => metricOf(gateway, 'evergate_acme_failures_total')

/** The fingerprint of what is shown for a name. */
async function shown(t: TestScope, port: number, root: string, servername = 'one.example'): Promise<string> {
  const { socket } = await secureTo(t, port, { servername, ca: root, rejectUnauthorized: true })
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

describe('a certificate by ACME', { skip: withoutPebble }, () => {
  for (const redirect of [undefined, 'https'] as const) {
    test(`is obtained over a ${redirect ? 'redirecting' : 'plain'} listener and shown for all of its names`, async t => {
      const authority = await pebble(t, { PEBBLE_WFE_NONCEREJECT: '30' })
      const storage = path.join(await temporary(t), 'acme')
      const gateway = await gatewayWith(t, authority, { storage, ...(redirect && { redirect }) })
      // Nothing has been asked yet: there is no certificate, and no other one either.
      assert.match(await failureOf(t, gateway.secure, { servername: 'one.example' }), /HANDSHAKE_FAILURE/)
      const listener = `127.0.0.1:${gateway.secure}`
      const refused = `evergate_connections_refused_total{listener="${listener}",reason="tls-no-certificate"}`
      assert.equal(await metricOf(gateway, refused), 1)
      authority.leadTo(gateway.plain)
      await until(() => gateway.logged('certificate obtained') !== undefined)
      const root = await authority.root()
      const first = await shown(t, gateway.secure, root)
      assert.equal(await shown(t, gateway.secure, root, 'two.example'), first)
      const answer = await askSecurely(`https://127.0.0.1:${gateway.secure}/x`, {
        servername: 'one.example',
        ca: root,
        rejectUnauthorized: true
      })
      assert.deepEqual([answer.status, answer.text], [200, 'hello'])

      const expiry = await metricOf(gateway, 'evergate_certificate_expiry_seconds{name="one.example"}')
      assert.ok((expiry ?? 0) * 1000 > Date.now())
      assert.equal(await failures(gateway), 0)
      assert.doesNotMatch(JSON.stringify(gateway.log), /acme-challenge|BEGIN|proof/, 'no token and no key is logged')
      assert.equal(gateway.service.requests.length, 1, 'no challenge came as far as the upstream')
    })
  }

  test('is kept for its owner alone, used again after a restart, and shared by gateways', async t => {
    const authority = await pebble(t)
    const storage = path.join(await temporary(t), 'acme')
    const one = await gatewayWith(t, authority, { storage })
    authority.leadTo(one.plain)
    await until(() => one.logged('certificate obtained') !== undefined)
    const root = await authority.root()
    const first = await shown(t, one.secure, root)
    const names = await until2(async () => {
      const all = (await readdir(storage)).sort()
      return all.some(name => name.endsWith('.lock') || name.startsWith('proof-')) ? undefined : all
    })
    assert.deepEqual(
      names.map(name => name.replace(/[\da-f]{16}/, 'ID')),
      ['account-ID.key', 'one.example-ID.pem']
    )
    for (const name of names) assert.equal((await stat(path.join(storage, name))).mode & 0o777, 0o600)
    assert.equal((await stat(storage)).mode & 0o777, 0o700)
    await one.close()
    await authority.kill()

    const two = await gatewayWith(t, authority, { storage })
    assert.equal(await shown(t, two.secure, root), first, 'at once, without the authority')
    assert.equal(await failures(two), 0)
    const text = await readFile(path.join(storage, names[1] ?? ''), 'utf8')
    assert.equal(new X509Certificate(text.slice(text.indexOf('-----BEGIN CERT'))).fingerprint256, first)
  })

  test('is obtained once where gateways share the storage, whichever of them the authority asks', async t => {
    const authority = await pebble(t)
    const storage = path.join(await temporary(t), 'acme')
    const one = await gatewayWith(t, authority, { storage })
    await until(() => one.logged('certificate ordered') !== undefined)
    const two = await gatewayWith(t, authority, { storage })
    authority.leadTo(two.plain)
    await until(() => one.logged('certificate obtained') !== undefined)
    const root = await authority.root()
    assert.equal(two.logged('certificate ordered'), undefined)
    await two.close()
    const three = await gatewayWith(t, authority, { storage })
    assert.equal(await shown(t, three.secure, root), await shown(t, one.secure, root))
  })

  test('is renewed when a third of its time is left: new connections are shown the next one, and those that are open go on', async t => {
    const hour = 3_600_000
    // Without reuse of what it has validated, so that the names are proven again.
    const authority = await pebble(t, { PEBBLE_AUTHZREUSE: '0' }, hour / 1000)
    const time = ownTime()
    const gateway = await gatewayWith(t, authority, { storage: path.join(await temporary(t), 'acme'), time })
    const events = (message: string) => gateway.log.filter(({ msg }) => msg === message).length
    authority.leadTo(gateway.plain)
    await until(() => events('certificate obtained') === 1)
    const root = await authority.root()
    const options = { servername: 'one.example', ca: root, rejectUnauthorized: true }
    const old = await secureTo(t, gateway.secure, options)
    const first = old.socket.getPeerX509Certificate()
    assert.ok(first !== undefined && first.validToDate.getTime() - first.validFromDate.getTime() <= hour)
    old.send('GET /before HTTP/1.1\r\nhost: one.example\r\n\r\n')
    await old.until(/hello/)

    const proofs = () => metricOf(gateway, 'evergate_requests_total{route="none",method="GET",status="200"}')
    const proven = (await proofs()) ?? 0
    assert.ok(proven >= 2)

    time.set(first.validFromDate.getTime() + 0.6 * hour)
    await time.looks(3)
    assert.equal(events('certificate ordered'), 1, 'not before its time')
    time.set(first.validFromDate.getTime() + 0.7 * hour)
    await time.looks(1)
    assert.deepEqual([events('certificate ordered'), events('certificate obtained')], [2, 2])
    assert.ok(((await proofs()) ?? 0) >= proven + 2, 'both names were asked for again')
    const { socket } = await secureTo(t, gateway.secure, options)
    const second = socket.getPeerX509Certificate()
    assert.notEqual(second?.serialNumber, first.serialNumber)
    assert.equal(second?.checkHost('two.example'), 'two.example')
    assert.ok(!second?.publicKey.equals(first.publicKey), 'it has a key of its own')
    old.send('GET /after HTTP/1.1\r\nhost: one.example\r\n\r\n')
    await old.until(/hello[\s\S]*hello/)
    assert.deepEqual(
      gateway.service.requests.map(({ url }) => url),
      ['/before', '/after']
    )
    assert.equal(await failures(gateway), 0)
  })

  test('that the authority refuses is told, remembered across restarts, and harms nothing else', async t => {
    const authority = await pebble(t)
    const storage = path.join(await temporary(t), 'acme')
    const { port, close } = await nobody()
    t.after(close)
    authority.leadTo(port)
    const one = await gatewayWith(t, authority, { storage })
    await until(() => one.logged('certificate not obtained') !== undefined)
    const { why, retryInMs, level } = one.logged('certificate not obtained') ?? {}
    assert.match(String(why), /one\.example|two\.example/)
    assert.doesNotMatch(String(why), /acme-challenge\/(?!\*\*\*)/)
    assert.ok(Number(retryInMs) >= 60_000)
    assert.equal(level, 50)
    assert.equal(await failures(one), 1)
    assert.equal((await ask(`http://127.0.0.1:${one.plain}/x`)).status, 200)
    await one.close()

    const orders = () => authority.said.filter(line => line.includes('Order')).length
    const before = orders()
    const two = await gatewayWith(t, authority, { storage })
    await two.gateway.close()
    assert.equal(orders(), before, 'it is not asked again before its time')
  })

  test('does not keep a gateway from stopping while it is ordered', async t => {
    const authority = await pebble(t)
    const storage = path.join(await temporary(t), 'acme')
    const gateway = await gatewayWith(t, authority, { storage })
    // The question never arrives anywhere.
    await until(async () => (await readdir(storage).catch(() => [])).some(name => name.startsWith('proof-')))
    await gateway.close()
    assert.equal(gateway.logged('certificate not obtained'), undefined)
    assert.deepEqual(
      (await readdir(storage)).map(name => name.replace(/[\da-f]{16}/, 'ID')),
      ['account-ID.key']
    )
  })
})

/** How often a gateway looks whether it is time, in milliseconds. */
const lookEveryMs = 10_000

/** A clock that the test sets, and looks that happen when it says so; the pauses of an order, which are shorter, take their time. */
function ownTime() {
  const later = new VirtualScheduler()
  let waiting = 0
  let now = Date.now()
  const scheduler: Scheduler = {
    now: processScheduler.now,
    after: (ms, task) => {
      if (ms === lookEveryMs) waiting++
      return (ms < lookEveryMs ? processScheduler : later).after(ms, task)
    }
  }
  const set = (to: number) => {
    now = to
  }
  /** Resolves when so many looks, with the orders that they began, are over. */
  const looks = async (count: number) => {
    for (let look = 0; look < count; look++) {
      await until(() => waiting > 0)
      waiting--
      later.advance(lookEveryMs)
    }
    await until(() => waiting > 0)
  }
  return { scheduler, wallClock: () => now, set, looks }
}

/** A port that answers everything with 404. */
async function nobody(): Promise<{ port: number; close(): Promise<void> }> {
  const { createServer } = await import('node:http')
  const server = createServer((_request, response) => void response.writeHead(404).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address')
  return { port: address.port, close: async () => void server.close() }
}

/** What it gives, once it gives something. */
async function until2<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  let value: Value | undefined
  await until(async () => {
    value = await look()
    return value !== undefined
  })
  if (value === undefined) throw new Error('it was there')
  return value
}
