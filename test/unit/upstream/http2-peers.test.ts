import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import {
  ack,
  answer,
  data,
  endStream,
  type Frame,
  frame,
  framePeer,
  goaway,
  ok,
  type PeerConnection,
  reset,
  settings,
  type
} from '../../support/frame-peer.ts'
import { until } from '../../support/until.ts'
import { Asked, ask, atRest, dispatcherTo } from './fixtures/asking.ts'

const welcoming = (connection: PeerConnection) => connection.send(settings())
const isRequest = (each: Frame) => each.type === type.headers

describe('GOAWAY', () => {
  test('in the middle of a burst: what is at or below it is answered, the rest was not processed, and no request is lost', async t => {
    const peer = await framePeer(t, welcoming, (each, connection) => {
      if (!isRequest(each)) return
      if (connection !== peer.connections[0]) connection.send(answer(each.stream, 'second'))
      else if (connection.streams.length === 20)
        connection.send(goaway(connection.streams[9] ?? 0), ...connection.streams.slice(0, 10).map(id => answer(id, 'first')))
    })
    const dispatcher = dispatcherTo(t, peer.url)
    const asked = Array.from({ length: 20 }, () => ask(dispatcher))
    const outcomes = await Promise.all(asked.map(each => each.ended()))
    assert.deepEqual(outcomes.slice(0, 10), Array(10).fill('200 first'))
    assert.deepEqual(outcomes.slice(10), Array(10).fill('unprocessed'))
    const again = await Promise.all(Array.from({ length: 10 }, () => ask(dispatcher).ended()))
    assert.deepEqual(again, Array(10).fill('200 second'))
    assert.equal(peer.connections.length, 2)
    await atRest(dispatcher)
  })

  test('lets its streams end, while new ones go elsewhere', async t => {
    const peer = await framePeer(t, welcoming, (each, connection) => {
      if (!isRequest(each)) return
      if (connection === peer.connections[0]) connection.send(ok(each.stream), data(each.stream, 'be'), goaway(0x7fffffff))
      else connection.send(answer(each.stream, 'new'))
    })
    const dispatcher = dispatcherTo(t, peer.url)
    const old = ask(dispatcher)
    await until(() => old.body === 'be' && dispatcher.stats.sessions === 1)
    // The GOAWAY came with the data; whatever is asked from now on finds the session closed to it, or is not processed there.
    assert.equal(await ask(dispatcher).ended(), '200 new')
    peer.connections[0]?.send(data(1, 'gun', endStream))
    assert.equal(await old.ended(), '200 begun')
    await until(() => dispatcher.stats.sessions === 1)
  })

  test('with an error: what it names was processed, the rest was not', async t => {
    const enhanceYourCalm = 0xb
    const peer = await framePeer(t, welcoming, (each, connection) => {
      if (isRequest(each) && connection.streams.length === 3) connection.send(goaway(1, enhanceYourCalm))
    })
    const dispatcher = dispatcherTo(t, peer.url)
    const asked = [ask(dispatcher), ask(dispatcher), ask(dispatcher)]
    assert.deepEqual(await Promise.all(asked.map(each => each.ended())), ['reset', 'unprocessed', 'unprocessed'])
    await until(() => dispatcher.stats.sessions === 0)
  })
})

describe('a stream that is reset', () => {
  const codes: readonly [string, number, string][] = [
    ['REFUSED_STREAM', 7, 'unprocessed'],
    ['INTERNAL_ERROR', 2, 'reset'],
    ['CANCEL', 8, 'reset'],
    ['ENHANCE_YOUR_CALM', 0xb, 'reset'],
    ['PROTOCOL_ERROR', 1, 'protocol'],
    ['NO_ERROR', 0, 'reset']
  ]
  for (const [name, code, outcome] of codes) {
    test(`with ${name} is ${outcome}, and its neighbours go on`, async t => {
      const peer = await framePeer(t, welcoming, (each, connection) => {
        if (isRequest(each) && connection.streams.length === 3) connection.send(reset(3, code), answer(1, 'a'), answer(5, 'b'))
      })
      const dispatcher = dispatcherTo(t, peer.url)
      const asked = [ask(dispatcher), ask(dispatcher), ask(dispatcher)]
      assert.deepEqual(await Promise.all(asked.map(each => each.ended())), ['200 a', outcome, '200 b'])
      await atRest(dispatcher)
      assert.equal(dispatcher.stats.sessions, 1)
    })
  }

  for (const code of [0, 7, 8]) {
    test(`with code ${code} in the middle of its answer was processed, and is broken`, async t => {
      const peer = await framePeer(t, welcoming, (each, connection) => {
        if (isRequest(each)) connection.send(ok(each.stream), data(each.stream, 'half'), reset(each.stream, code))
      })
      const dispatcher = dispatcherTo(t, peer.url)
      const asked = ask(dispatcher)
      assert.equal(await asked.ended(), 'reset')
      assert.equal(asked.status, 200)
      await atRest(dispatcher)
    })
  }

  test('with NO_ERROR after a whole answer, while the request is still being sent, is an answer', async t => {
    const peer = await framePeer(t, welcoming, (each, connection) => {
      if (isRequest(each)) connection.send(answer(each.stream, 'early'), reset(each.stream, 0))
    })
    const dispatcher = dispatcherTo(t, peer.url)
    assert.equal(await ask(dispatcher, { method: 'POST', body: Buffer.alloc(1_000_000) }).ended(), '200 early')
    await atRest(dispatcher)
  })
})

describe('a peer that breaks the protocol', () => {
  const nonsense: Record<string, Buffer> = {
    'data on stream 0': data(0, 'x'),
    'a frame that is too long': frame(type.data, 0, 1, Buffer.alloc(20_000)),
    'headers that cannot be decoded': frame(type.headers, 4, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
    'a window that is too large': frame(type.windowUpdate, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff]))
  }
  for (const [name, bytes] of Object.entries(nonsense)) {
    test(`${name}: its streams fail, and a new connection serves`, async t => {
      const peer = await framePeer(t, welcoming, (each, connection) => {
        if (isRequest(each)) connection.send(connection === peer.connections[0] ? bytes : answer(each.stream, 'well'))
      })
      const dispatcher = dispatcherTo(t, peer.url)
      assert.equal(await ask(dispatcher).ended(), 'protocol')
      await until(() => dispatcher.stats.sessions === 0)
      assert.equal(await ask(dispatcher).ended(), '200 well')
    })
  }

  test('that speaks HTTP/1 is found out before anything is sent', async t => {
    const peer = await framePeer(t, ({ socket }) => socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'))
    const dispatcher = dispatcherTo(t, peer.url)
    const asked = ask(dispatcher)
    assert.equal(await asked.ended(), 'protocol')
    assert.equal(asked.started, 0)
    await until(() => dispatcher.stats.sessions === 0)
  })

  test('with more fields than are taken: its stream fails alone', async t => {
    const field = Buffer.from([0x00, 1, 0x78, 1, 0x61])
    const fields = Buffer.concat([Buffer.from([0x88]), ...Array.from({ length: 400 }, () => field)])
    const peer = await framePeer(t, welcoming, (each, connection) => {
      if (!isRequest(each)) return
      connection.send(each.stream === 1 ? frame(type.headers, 5, 1, fields) : answer(each.stream, 'few'))
    })
    const dispatcher = dispatcherTo(t, peer.url)
    assert.equal(await ask(dispatcher).ended(), 'reset')
    assert.equal(await ask(dispatcher).ended(), '200 few')
    assert.equal(peer.connections.length, 1)
  })

  test('by pushing: what is pushed is refused', async t => {
    const peer = await framePeer(t, welcoming, (each, connection) => {
      const promised = Buffer.from([0, 0, 0, 2, 0x82, 0x86, 0x84, 0x41, 1, 0x61])
      if (isRequest(each)) connection.send(frame(5, 4, 1, promised), ok(2), answer(1, 'asked for'))
    })
    const dispatcher = dispatcherTo(t, peer.url)
    assert.match(await ask(dispatcher).ended(), /^(200 asked for|protocol)$/)
    await atRest(dispatcher)
  })
})

describe('a limit of streams', () => {
  const limited = (limit: number) => (connection: PeerConnection) => connection.send(settings(3, limit))

  test('of one opens further connections up to a bound, and the rest waits', async t => {
    const peer = await framePeer(t, limited(1))
    const dispatcher = dispatcherTo(t, peer.url, { sessions: 3 })
    const asked = Array.from({ length: 7 }, () => ask(dispatcher))
    const open = () => peer.connections.flatMap(connection => connection.streams)
    await until(() => open().length === 3)
    assert.deepEqual(dispatcher.stats, { sessions: 3, streams: 3, waiting: 4 })
    let most = 0
    const answered = new Set<string>()
    while (asked.some(each => !each.over)) {
      for (const [index, connection] of peer.connections.entries()) {
        const waiting = connection.streams.filter(id => !answered.has(`${index} ${id}`))
        most = Math.max(most, waiting.length)
        for (const id of waiting) {
          answered.add(`${index} ${id}`)
          connection.send(answer(id, 'in turn'))
        }
      }
      await new Promise(resolve => setImmediate(resolve))
    }
    assert.deepEqual(
      asked.map(each => each.outcome),
      Array(7).fill('200 in turn')
    )
    assert.equal(most, 1)
    assert.equal(peer.connections.length, 3)
  })

  test('of none makes no further connection; who waits is told in time', async t => {
    const scheduler = new VirtualScheduler()
    const peer = await framePeer(t, limited(0))
    const dispatcher = dispatcherTo(t, peer.url, { scheduler })
    const asked = [ask(dispatcher), ask(dispatcher)]
    await until(() => peer.connections[0]?.frames.some(each => each.type === type.settings && each.flags === ack) ?? false)
    scheduler.advance(2000)
    assert.deepEqual(await Promise.all(asked.map(each => each.ended())), ['connect-timeout', 'connect-timeout'])
    assert.equal(peer.connections.length, 1)
    assert.deepEqual(
      asked.map(each => each.started),
      [0, 0]
    )
  })

  test('that grows lets in who waits', async t => {
    const peer = await framePeer(
      t,
      limited(0),
      (each, connection) => isRequest(each) && connection.send(answer(each.stream, 'now'))
    )
    const dispatcher = dispatcherTo(t, peer.url)
    const asked = ask(dispatcher)
    await until(() => peer.connections.length === 1)
    peer.connections[0]?.send(settings(3, 5))
    assert.equal(await asked.ended(), '200 now')
  })
})

describe('a peer that is silent', () => {
  test('from the start is given up in time, with nothing sent and one connection made for all', async t => {
    const scheduler = new VirtualScheduler()
    const peer = await framePeer(t, () => {})
    const dispatcher = dispatcherTo(t, peer.url, { scheduler })
    const asked = Array.from({ length: 50 }, () => ask(dispatcher))
    await until(() => peer.connections.length === 1)
    scheduler.advance(2000)
    for (const each of asked) assert.equal(await each.ended(), 'connect-timeout')
    assert.equal(peer.connections.length, 1)
    assert.deepEqual(dispatcher.stats, { sessions: 0, streams: 0, waiting: 0 })
    assert.equal(
      asked.reduce((sum, each) => sum + each.started, 0),
      0
    )
  })

  test('while streams are open is asked by PING; one that does not answer is given up', async t => {
    const scheduler = new VirtualScheduler()
    const peer = await framePeer(t, welcoming)
    const dispatcher = dispatcherTo(t, peer.url, { scheduler })
    const asked = ask(dispatcher)
    await until(() => peer.connections[0]?.streams.length === 1)
    scheduler.advance(5000)
    await until(() => peer.connections[0]?.frames.some(each => each.type === type.ping) ?? false)
    assert.equal(asked.over, false)
    scheduler.advance(5000)
    assert.equal(await asked.ended(), 'reset')
    await until(() => dispatcher.stats.sessions === 0)
  })

  test('is given up although nobody waits for it any more', async t => {
    const scheduler = new VirtualScheduler()
    const peer = await framePeer(t, welcoming)
    const dispatcher = dispatcherTo(t, peer.url, { scheduler })
    const asked = ask(dispatcher)
    await until(() => peer.connections[0]?.streams.length === 1)
    asked.controller?.abort(new Error('too late'))
    await atRest(dispatcher)
    scheduler.advance(5000)
    scheduler.advance(5000)
    await until(() => dispatcher.stats.sessions === 0)
  })

  test('but answers PING is kept, and not asked again for 5 minutes: gRPC servers do not like it', async t => {
    const scheduler = new VirtualScheduler()
    const peer = await framePeer(t, welcoming, (each, connection) => {
      if (each.type === type.ping && each.flags === 0) connection.send(frame(type.ping, ack, 0, each.payload))
    })
    const dispatcher = dispatcherTo(t, peer.url, { scheduler })
    const asked = ask(dispatcher)
    const pings = () => peer.connections[0]?.frames.filter(each => each.type === type.ping).length ?? 0
    await until(() => peer.connections[0]?.streams.length === 1)
    scheduler.advance(5000)
    await until(() => pings() === 1)
    // The answer to the PING is read before this is.
    peer.connections[0]?.send(ok(1))
    await until(() => asked.status === 200)
    scheduler.advance(300_000)
    assert.equal(pings(), 1)
    peer.connections[0]?.send(data(1, 'late', endStream))
    assert.equal(await asked.ended(), '200 late')
  })
})

test('an attempt that is given up resets its stream with CANCEL, and the connection serves on', async t => {
  const peer = await framePeer(t, welcoming, (each, connection) => {
    if (isRequest(each) && each.stream > 1) connection.send(answer(each.stream, 'next'))
  })
  const dispatcher = dispatcherTo(t, peer.url)
  const asked = ask(dispatcher)
  await until(() => peer.connections[0]?.streams.length === 1)
  asked.controller?.abort(new Error('given up'))
  assert.equal(asked.outcome, 'given up')
  await until(() => peer.connections[0]?.frames.some(each => each.type === type.reset) ?? false)
  const cancelled = peer.connections[0]?.frames.find(each => each.type === type.reset)
  assert.deepEqual([cancelled?.stream, cancelled?.payload.readUInt32BE()], [1, 8])
  assert.equal(await ask(dispatcher).ended(), '200 next')
  assert.equal(peer.connections.length, 1)
})

test('attempts that were given up while they waited are never sent, however many', async t => {
  const peer = await framePeer(
    t,
    () => {},
    (each, connection) => isRequest(each) && connection.send(answer(each.stream, 'x'))
  )
  const dispatcher = dispatcherTo(t, peer.url)
  class GivenUp extends Asked {
    override onRequestStart(controller: Parameters<Asked['onRequestStart']>[0]): void {
      super.onRequestStart(controller)
      controller.abort(new Error('given up'))
    }
  }
  const asked = Array.from({ length: 20_000 }, () => ask(dispatcher, {}, new GivenUp()))
  await until(() => peer.connections.length === 1)
  peer.connections[0]?.send(settings())
  for (const each of asked) assert.equal(await each.ended(), 'given up')
  assert.equal(await ask(dispatcher).ended(), '200 x')
  assert.deepEqual(peer.connections[0]?.streams, [1])
})

test('a window that is never opened holds the sender, who keeps no more than a buffer', async t => {
  const peer = await framePeer(t, welcoming)
  const dispatcher = dispatcherTo(t, peer.url)
  let given = 0
  const body = new Readable({
    read() {
      given += 16_384
      this.push(Buffer.alloc(16_384))
    }
  })
  const asked = ask(dispatcher, { method: 'POST', body })
  const received = () =>
    peer.connections[0]?.frames.reduce((sum, each) => sum + (each.type === type.data ? each.payload.length : 0), 0)
  await until(() => received() === 65_535)
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
  assert.equal(received(), 65_535)
  assert.ok(given < 512 * 1024, `${given} bytes were taken`)
  assert.equal(asked.sent, false)
  asked.controller?.abort(new Error('given up'))
  await atRest(dispatcher)
  assert.equal(body.destroyed, true)
})
