import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type Duplex, duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { Tunnels } from '../../../src/tunnel/tunnels.ts'
import { stall } from '../../support/stall.ts'

/** Tunnels in time that stands still, with a client and a target to play with at the far end of each. */
function setUp() {
  const scheduler = new VirtualScheduler()
  const told: string[] = []
  const tunnels = new Tunnels(scheduler, {
    opened: route => told.push(`opened ${route}`),
    closed: (route, fromClient, fromTarget) => told.push(`closed ${route} ${fromClient} ${fromTarget}`)
  })
  const open = ({ isWebSocket = true, idleMs = 10_000 } = {}) => {
    const [client, clientEnd] = duplexPair()
    const [target, targetEnd] = duplexPair()
    for (const each of [client, target]) each.on('error', () => {})
    const ended = Promise.withResolvers<[number, number]>()
    tunnels.open({
      client: clientEnd,
      target: targetEnd,
      isWebSocket,
      route: '/r',
      idleMs,
      ended: (...bytes) => ended.resolve(bytes)
    })
    return { client, target, connection: clientEnd, targetConnection: targetEnd, ended: ended.promise }
  }
  return { scheduler, tunnels, told, open }
}

async function read(from: Duplex, bytes: number): Promise<string> {
  let text = ''
  while (text.length < bytes) {
    const chunk = from.read() as Buffer | null
    if (chunk === null) await once(from, 'readable')
    else text += chunk.toString('latin1')
  }
  return text
}

const goodbye = '\x88\x02\x03\xe9'
const hello = Buffer.from('\x81\x05hello', 'latin1')

describe('a tunnel', () => {
  test('carries bytes both ways and counts them', async () => {
    const { open, told } = setUp()
    const { client, target, ended } = open({ isWebSocket: false })
    client.write('question')
    assert.equal(await read(target, 8), 'question')
    target.end('answer')
    assert.equal(await read(client, 6), 'answer')
    client.end()
    target.resume()
    client.resume()
    assert.deepEqual(await ended, [8, 6])
    assert.deepEqual(told, ['opened /r', 'closed /r 8 6'])
  })

  test('goes at the pace of the slower side', async () => {
    const { open } = setUp()
    const { client, target } = open({ isWebSocket: false })
    let written = 0
    await stall(
      () => written,
      async () => {
        if (!client.writableNeedDrain) written += 16_384
        if (!client.writableNeedDrain) client.write(Buffer.alloc(16_384))
        await new Promise(setImmediate)
      }
    )
    // What nobody reads piles up in a few buffers, and then at whoever writes.
    assert.ok(written < 1024 * 1024, `${written} bytes were taken`)
    target.resume()
    await once(client, 'drain')
  })

  test('ends when one side is gone, and tells the other', async () => {
    const { open, told } = setUp()
    const { connection, target, ended } = open()
    connection.destroy(new Error('reset'))
    await ended
    await once(target.resume(), 'end')
    assert.deepEqual(told, ['opened /r', 'closed /r 0 0'])
  })

  test('is closed when nothing has gone through it for its time', async () => {
    const { open, scheduler, told } = setUp()
    const quiet = open({ idleMs: 5000 })
    const busy = open({ idleMs: 5000 })
    scheduler.advance(4000)
    busy.client.write('x')
    await read(busy.target, 1)
    scheduler.advance(2000)
    await quiet.ended
    assert.deepEqual(told, ['opened /r', 'opened /r', 'closed /r 0 0'])
    scheduler.advance(3000)
    assert.deepEqual(await busy.ended, [1, 0])
  })

  test('waits for who does not take what is left no longer than when it is open', async () => {
    const { open, scheduler } = setUp()
    const { connection, targetConnection, client, ended } = open({ idleMs: 5000 })
    client.write(Buffer.alloc(16_384))
    await once(connection, 'data')
    connection.destroy(new Error('reset'))
    await ended
    scheduler.advance(4000)
    assert.equal(targetConnection.destroyed, false)
    scheduler.advance(3000)
    assert.equal(targetConnection.destroyed, true)
  })

  test('of which one side is gone is cut with the others', async () => {
    const { open, tunnels } = setUp()
    const { connection, targetConnection, client, ended } = open()
    client.write(Buffer.alloc(16_384))
    await once(connection, 'data')
    connection.destroy()
    await ended
    tunnels.close()
    assert.equal(targetConnection.destroyed, true)
  })
})

describe('draining', () => {
  test('says goodbye to WebSockets one after the other', async () => {
    const { tunnels, open, scheduler } = setUp()
    const [first, second] = [open(), open()]
    tunnels.drain(1000)
    scheduler.advance(500)
    assert.equal(await read(first.client, 4), goodbye)
    assert.equal(second.client.readableLength, 0)
    scheduler.advance(500)
    assert.equal(await read(second.client, 4), goodbye)
  })

  test('waits until a frame has ended, and says nothing after', async () => {
    const { tunnels, open } = setUp()
    const { client, target } = open()
    target.write(hello.subarray(0, 4))
    assert.equal(await read(client, 4), '\x81\x05he')
    tunnels.drain(0)
    assert.equal(client.readableLength, 0)
    target.write(Buffer.concat([hello.subarray(4), hello]))
    assert.equal(await read(client, 7), `llo${goodbye}`)
    target.write(hello)
    // What the client says still arrives: its own goodbye.
    client.write('bye')
    assert.equal(await read(target, 3), 'bye')
    assert.equal(client.readableLength, 0)
  })

  test('leaves alone what is no WebSocket', async () => {
    const { tunnels, open } = setUp()
    const { client, target } = open({ isWebSocket: false })
    tunnels.drain(0)
    target.write('data')
    assert.equal(await read(client, 4), 'data')
  })

  test('ends with all of them closed', async () => {
    const { tunnels, open } = setUp()
    const { ended } = open()
    tunnels.drain(10_000)
    tunnels.close()
    assert.deepEqual(await ended, [0, 0])
  })
})
