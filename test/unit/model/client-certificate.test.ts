import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { clientCertificateOf } from '../../../src/model/client-certificate.ts'
import { authority, certificate, type SelfSigned, selfSigned } from '../../support/certificate.ts'

const ca = authority('clients')

/** The server's end of a connection on which a client has shown this. */
async function shown(t: TestContext, client: SelfSigned | undefined): Promise<TLSSocket> {
  const server = createServer({ ...selfSigned('server'), ca: ca.cert, requestCert: true, rejectUnauthorized: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect({ port: (server.address() as AddressInfo).port, rejectUnauthorized: false, ...client })
  t.after(() => {
    socket.destroy()
    server.close()
  })
  const [accepted] = await once(server, 'secureConnection')
  return accepted
}

test('a trusted certificate is read once, with its names by their kind', async t => {
  const names = { names: ['reporting', 'b.example'], uris: ['spiffe://example/a,b', 'urn:x'], emails: ['a@b.example'] }
  const own = certificate({ ...names, by: ca })
  const socket = await shown(t, own)
  const read = clientCertificateOf(socket)
  const { fingerprint256, serialNumber } = new X509Certificate(own.cert)
  assert.deepEqual(read, {
    subject: 'CN=reporting',
    commonName: 'reporting',
    issuer: 'CN=clients',
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    serial: serialNumber,
    dns: ['reporting', 'b.example'],
    uris: ['spiffe://example/a,b', 'urn:x'],
    emails: ['a@b.example']
  })
  assert.equal(clientCertificateOf(socket), read)
})

test('a name that looks like two is one', async t => {
  const socket = await shown(t, certificate({ names: ['a'], uris: ['x, DNS:admin.example', 'y", DNS:"b'], by: ca }))
  const read = clientCertificateOf(socket)
  assert.deepEqual([read?.dns, read?.uris], [['a'], ['x, DNS:admin.example', 'y", DNS:"b']])
})

test('none that was not shown, is not trusted, or of a connection without TLS', async t => {
  assert.equal(clientCertificateOf(await shown(t, undefined)), undefined)
  assert.equal(clientCertificateOf(await shown(t, selfSigned('reporting'))), undefined)
  assert.equal(clientCertificateOf(new Socket()), undefined)
})
