import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import type { TestScope } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { authority, certificate, type SelfSigned } from '../support/certificate.ts'
import { gatewayTo } from '../support/gateway.ts'
import { targetsOf } from '../support/operator.ts'
import { temporary } from '../support/temporary.ts'
import { until } from '../support/until.ts'

/** A service that speaks TLS and answers with the name in its client's certificate; `show` gives it another certificate. */
async function secureService(t: TestScope, own: SelfSigned, clients?: SelfSigned) {
  const connections = new Set<TLSSocket>()
  const server = createServer(
    { ...own, ...(clients && { ca: clients.cert, requestCert: true, rejectUnauthorized: true }) },
    ({ socket }, response) => response.end((socket as TLSSocket).getPeerX509Certificate()?.subject ?? 'nobody')
  )
  server.on('secureConnection', (socket: TLSSocket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    show: (certificate: SelfSigned) => server.setSecureContext(certificate),
    /** Ends what is idle, so that the next request makes a connection. */
    hangUp: async () => {
      server.closeIdleConnections()
      await until(() => connections.size === 0)
    }
  }
}

const here = (by: SelfSigned) => certificate({ names: ['127.0.0.1'], by })

describe('towards targets', () => {
  test('authorities that change in their file count for new connections', async t => {
    const [first, second] = [authority('first'), authority('second')]
    const ca = path.join(await temporary(t), 'ca.pem')
    await writeFile(ca, first.cert)
    const service = await secureService(t, here(first))
    const { url } = await gatewayTo(t, [service.url], { group: { tls: { ca } } })
    assert.equal((await ask(url)).status, 200)
    service.show(here(second))
    await service.hangUp()
    assert.equal((await ask(url)).status, 502)
    await writeFile(ca, second.cert)
    await until(async () => (await ask(url)).status === 200)
  })

  test('the certificate that the gateway shows is as new as its files, and a broken one is not taken', async t => {
    const clients = authority('clients')
    const directory = await temporary(t)
    const files = { cert: path.join(directory, 'cert.pem'), key: path.join(directory, 'key.pem') }
    const write = async ({ cert, key }: SelfSigned) => {
      await writeFile(files.cert, cert)
      await writeFile(files.key, key)
    }
    await write(certificate({ names: ['gateway 1'], by: clients }))
    const own = authority('services')
    const service = await secureService(t, here(own), clients)
    const { url } = await gatewayTo(t, [service.url], { group: { tls: { ca: own.cert, ...files } } })
    const shown = async () => {
      await service.hangUp()
      return (await ask(url)).text
    }
    assert.equal(await shown(), 'CN=gateway 1')
    await write({ ...certificate({ names: ['gateway 2'], by: clients }), key: clients.key })
    assert.equal(await shown(), 'CN=gateway 1')
    await write(certificate({ names: ['gateway 3'], by: clients }))
    await until(async () => (await shown()) === 'CN=gateway 3')
  })

  test('health checks trust whom requests trust, also after a change', async t => {
    const [first, second] = [authority('first'), authority('second')]
    const ca = path.join(await temporary(t), 'ca.pem')
    await writeFile(ca, first.cert)
    const service = await secureService(t, here(second))
    const health = { interval: '50ms', timeout: '5s', fall: 1, rise: 1 } as const
    const gateway = await gatewayTo(t, [service.url], { group: { tls: { ca }, health, failover: { panic: 0 } } })
    await until(async () => (await targetsOf(gateway))[0]?.eligible === false)
    await writeFile(ca, second.cert)
    await until(async () => (await targetsOf(gateway))[0]?.eligible === true)
    assert.equal((await ask(gateway.url)).status, 200)
  })
})
