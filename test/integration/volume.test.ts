import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { type ReceivedRequest, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'
import { stall } from '../support/stall.ts'
import { wireServer } from '../support/wire.ts'

const size = 64 << 20
const chunk = Buffer.alloc(1 << 16, 'x')

/** What the kernel's buffers of two connections may hold, and the gateway's own; much less than what is sent. */
const pendingLimit = (size * 3) / 4

/** Writes the whole size at the pace of the other side, and counts what left the process. */
async function pour(response: ServerResponse): Promise<void> {
  for (let sent = 0; sent < size; sent += chunk.length) {
    if (!response.write(chunk)) await once(response, 'drain')
  }
  response.end()
}

describe('64 MiB', () => {
  test('down to a client that does not read wait at the upstream, then come whole', async t => {
    let written = () => 0
    const answer = async ({ url }: ReceivedRequest, response: ServerResponse) => {
      if (url !== '/large') {
        response.end()
        return
      }
      written = () => (response.socket?.bytesWritten ?? 0) - response.writableLength
      await pour(response)
    }
    const service = await upstream(t, answer)
    const { url } = await gatewayTo(t, [service.url])
    // Nobody listens to its data yet, so that it is not read.
    const [response]: IncomingMessage[] = await once(request(`${url}/large`, { agent: false }).end(), 'response')
    assert.ok(response)
    const accepted = await stall(
      () => written(),
      () => ask(url)
    )
    assert.ok(accepted > 0 && accepted < pendingLimit, `${accepted} bytes were taken`)
    let received = 0
    response.on('data', ({ length }) => {
      received += length
    })
    await once(response, 'end')
    assert.equal(received, size)
  })

  test('up to an upstream that does not read wait at the client, then arrive whole', async t => {
    let received = 0
    const service = await wireServer(t, ({ socket }) => {
      // What comes is counted, not kept.
      socket.removeAllListeners('data')
      socket.on('data', (bytes: Buffer) => {
        received += bytes.length - (received === 0 ? bytes.indexOf('\r\n\r\n') + 4 : 0)
        if (received === size) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      })
      socket.pause()
    })
    const other = await upstream(t)
    const { url } = await gatewayTo(t, [service.url], { route: { body: { max: '64mb' } } })
    const { url: beside } = await gatewayTo(t, [other.url])
    const asking = request(url, { method: 'PUT', agent: false, headers: { 'content-length': size } })
    const answered = once(asking, 'response')
    let written = 0
    const pouring = (async () => {
      for (; written < size; written += chunk.length) {
        if (!asking.write(chunk)) await once(asking, 'drain')
      }
      asking.end()
    })()
    await stall(
      () => written,
      () => ask(beside)
    )
    const accepted = written - asking.writableLength
    assert.ok(accepted > 0 && accepted < pendingLimit, `${accepted} bytes were taken`)
    service.wires[0]?.socket.resume()
    await pouring
    const [response] = await answered
    assert.equal(response.statusCode, 204)
    response.resume()
    assert.equal(received, size)
  })
})
