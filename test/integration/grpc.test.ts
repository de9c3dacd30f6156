import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants } from 'node:http2'
import { describe, test } from 'node:test'
import {
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status
} from '@grpc/grpc-js'
import type { TestScope } from '../../src/testing.ts'
import { selfSigned } from '../support/certificate.ts'
import { gatewayTo, nowhere, type Setup } from '../support/gateway.ts'
import { calledOf, framed, GrpcCaller, grpcService } from '../support/grpc.ts'
import { answerOf, http2To, opened } from '../support/http2.ts'
import { http2Service } from '../support/http2-service.ts'
import { targetsOf } from '../support/operator.ts'
import { until } from '../support/until.ts'

type Unary = ServerUnaryCall<Buffer, Buffer>
type Done = sendUnaryData<Buffer>
type Upload = ServerReadableStream<Buffer, Buffer>
type Download = ServerWritableStream<Buffer, Buffer>
type Talk = ServerDuplexStream<Buffer, Buffer>

const own = selfSigned('127.0.0.1')
const text = (messages: readonly Buffer[]) => messages.map(String).join(' ')

/** Answers with what it is sent. */
const echo = {
  unary: (call: Unary, done: Done) => done(null, call.request),
  upload(call: Upload, done: Done) {
    const messages: Buffer[] = []
    call.on('data', message => messages.push(message))
    call.on('end', () => done(null, Buffer.from(text(messages))))
  },
  download(call: Download) {
    for (const word of String(call.request).split(' ')) call.write(Buffer.from(word))
    call.end()
  },
  talk(call: Talk) {
    call.on('data', message => call.write(message))
    call.on('end', () => call.end())
  }
}

/** Gives back metadata and fails on demand. */
const telling = {
  unary(call: Unary, done: Done) {
    const initial = new Metadata()
    for (const value of call.metadata.get('x-text')) initial.add('x-text', value)
    for (const value of call.metadata.get('x-some-bin')) initial.add('x-some-bin', value)
    call.sendMetadata(initial)
    const last = new Metadata()
    last.add('x-last', 'one')
    last.add('x-last', 'two')
    last.add('x-last-bin', Buffer.from([0, 255, 10]))
    done(null, call.request, last)
  },
  download(call: Download) {
    const metadata = new Metadata()
    metadata.add('grpc-status-details-bin', Buffer.from([8, 5, 18, 2, 110, 111]))
    const error = { code: status.NOT_FOUND, details: 'no such thing: 100 % ☹', metadata }
    if (String(call.request) === 'late') call.write(Buffer.from('first'))
    // As an error of its handler, which is how grpc-js is told of a status.
    call.emit('error', error)
  }
}

for (const secure of [false, true]) {
  /** The targets, and a dead one before them, behind a gateway. */
  const before = async (t: TestScope, implementation: object, setup: Setup = {}) => {
    const tls = secure ? own : undefined
    const services = await Promise.all([1, 2].map(() => grpcService(t, { ...implementation }, tls)))
    const dead = secure ? nowhere.replace('http:', 'https:') : nowhere
    const spoken = secure ? ({ protocol: 'http2', tls: { ca: own.cert } } as const) : ({ protocol: 'h2c' } as const)
    const gateway = await gatewayTo(t, [dead, ...services.map(({ url }) => url)], {
      ...(secure && { listen: { address: ':0', tls: own } }),
      ...setup,
      group: { ...spoken, balance: 'round-robin', ...setup.group }
    })
    return { services, gateway, caller: new GrpcCaller(t, gateway.url) }
  }

  describe(`gRPC over ${secure ? 'TLS' : 'h2c'} with one target of three dead`, () => {
    test('no call of any kind fails', async t => {
      const { caller } = await before(t, echo)
      const words = ['to', 'be', 'or', 'not']
      const talk = async () => {
        const call = caller.talk()
        const ended = calledOf(call)
        for (const word of words) {
          const back = once(call, 'data')
          call.write(Buffer.from(word))
          assert.equal(String((await back)[0]), word)
        }
        call.end()
        return ended
      }
      const kinds = [
        () => caller.unary(Buffer.from(words.join(' '))),
        () => caller.upload(words.map(word => Buffer.from(word))),
        () => calledOf(caller.download(Buffer.from(words.join(' ')))),
        talk
      ]
      const all = await Promise.all(Array.from({ length: 40 }, (_, index) => kinds[index % 4]?.()))
      for (const called of all)
        assert.deepEqual([called?.status.code, called && text(called.messages)], [status.OK, 'to be or not'])
    })

    test('one that is killed ends the calls it has, and no others', async t => {
      const { caller, services } = await before(t, echo, { group: { retry: { unsafe: true } } })
      const talks = Array.from({ length: 4 }, () => caller.talk())
      const ends = talks.map(calledOf)
      await Promise.all(
        talks.map(call => {
          call.write(Buffer.from('hello'))
          return once(call, 'data')
        })
      )
      services[0]?.kill()
      for (let i = 0; i < 10; i++) assert.equal((await caller.unary()).status.code, status.OK)
      await Promise.race(ends)
      for (const call of talks) call.end()
      const codes = (await Promise.all(ends)).map(({ status: end }) => end.code)
      assert.deepEqual(new Set(codes), new Set([status.OK, status.INTERNAL]))
    })

    test('metadata goes both ways, bytes as well, and the trailers come', async t => {
      const { caller } = await before(t, telling)
      const metadata = new Metadata()
      for (const value of ['one', 'two']) metadata.add('x-text', value)
      metadata.add('x-some-bin', Buffer.from([0, 1, 2, 255]))
      metadata.add('x-some-bin', Buffer.from('more'))
      const { initial, status: end, messages } = await caller.unary(Buffer.from('x'), { metadata })
      assert.deepEqual([text(messages), end.code], ['x', status.OK])
      // Several values under a name are one list to HTTP.
      assert.deepEqual(initial?.get('x-text').join(', '), 'one, two')
      assert.deepEqual(initial?.get('x-some-bin'), [Buffer.from([0, 1, 2, 255]), Buffer.from('more')])
      assert.equal(end.metadata.get('x-last').join(', '), 'one, two')
      assert.deepEqual(end.metadata.get('x-last-bin'), [Buffer.from([0, 255, 10])])
    })

    for (const when of ['at once', 'late'])
      test(`an error with details that comes ${when} is told as it is`, async t => {
        const { caller } = await before(t, telling)
        const { status: end, messages } = await calledOf(caller.download(Buffer.from(when)))
        assert.deepEqual([end.code, end.details], [status.NOT_FOUND, 'no such thing: 100 % ☹'])
        assert.deepEqual(end.metadata.get('grpc-status-details-bin'), [Buffer.from([8, 5, 18, 2, 110, 111])])
        assert.equal(text(messages), when === 'late' ? 'first' : '')
      })

    test('a client that cancels is told to the target, which is not to blame', async t => {
      let cancelled = 0
      const { caller, gateway } = await before(t, {
        talk(call: Talk) {
          call.write(Buffer.from('begun'))
          call.on('cancelled', () => cancelled++)
        },
        unary: (call: Unary) => void call.on('cancelled', () => cancelled++)
      })
      for (let i = 0; i < 4; i++) {
        const call = caller.talk()
        const ended = calledOf(call)
        await once(call, 'data')
        call.cancel()
        assert.equal((await ended).status.code, status.CANCELLED)
      }
      await until(() => cancelled === 4)
      // One that is still waited for, as well.
      assert.equal((await caller.unary(Buffer.from('x'), { timeoutMs: 100 })).status.code, status.DEADLINE_EXCEEDED)
      await until(() => cancelled === 5)
      const [, ...alive] = await targetsOf(gateway)
      await until(async () => (await targetsOf(gateway)).every(({ inFlight }) => inFlight === 0))
      assert.equal(alive.length, 2)
    })

    test('a stream that is larger than every window comes whole', async t => {
      const { caller } = await before(t, {
        download(call: Download) {
          for (let i = 0; i < 100; i++) call.write(Buffer.alloc(64 * 1024, i))
          call.end()
        }
      })
      let next = 0
      for await (const message of caller.download()) {
        assert.deepEqual([message.length, message[0], message.at(-1)], [64 * 1024, next, next])
        next++
      }
      assert.equal(next, 100)
    })

    test('a target that shuts down in peace, by GOAWAY, costs no call', async t => {
      const { caller, services } = await before(t, echo)
      let ended = false
      const codes: number[] = []
      const worker = async () => {
        while (!ended) codes.push((await caller.unary()).status.code)
      }
      const workers = Promise.all(Array.from({ length: 8 }, worker))
      await until(() => codes.length > 50)
      const gone = new Promise(resolve => services[0]?.server.tryShutdown(resolve))
      await gone
      const soFar = codes.length
      await until(() => codes.length > soFar + 50)
      ended = true
      await workers
      assert.deepEqual(new Set(codes), new Set([status.OK]))
    })
  })
}

/** One target and a gateway over h2c. */
async function alone(t: TestScope, implementation: object, setup: Setup = {}) {
  const service = await grpcService(t, { ...implementation })
  const gateway = await gatewayTo(t, [service.url], { ...setup, group: { protocol: 'h2c', ...setup.group } })
  return { service, gateway, caller: new GrpcCaller(t, gateway.url) }
}

const unaryCall = { ':method': 'POST', ':path': '/test.Calls/Unary', 'content-type': 'application/grpc', te: 'trailers' }

describe('the deadline of a call', () => {
  test('goes on, less what has passed, whatever time the route has for an answer to begin', async t => {
    const left: number[] = []
    const unary = (call: Unary, done: Done) => {
      left.push(Number(call.getDeadline()) - Date.now())
      done(null, call.request)
    }
    const { caller } = await alone(t, { unary }, { route: { timeout: '10s' } })
    assert.equal((await caller.unary(Buffer.from('x'), { timeoutMs: 3_600_000 })).status.code, status.OK)
    assert.equal((await caller.unary()).status.code, status.OK)
    assert.ok((left[0] ?? 0) > 60_000 && (left[0] ?? 0) <= 3_600_000, String(left))
    assert.equal(left[1], Number.POSITIVE_INFINITY, 'a call without a deadline gets none')
  })

  test('is kept by the gateway too: a server that sleeps, or a client that does, is DEADLINE_EXCEEDED', async t => {
    const ends: number[] = []
    // It knows of no deadlines.
    const service = await http2Service(t, stream => stream.resume().on('close', () => ends.push(stream.rstCode)))
    const gateway = await gatewayTo(t, [service.url], { group: { protocol: 'h2c' } })
    const session = await http2To(t, gateway.url)
    const sleeping = await answerOf(opened(session, { ...unaryCall, 'grpc-timeout': '100m' }, framed('x')))
    assert.deepEqual([sleeping.status, sleeping.headers['grpc-status']], [200, '4'])
    await until(() => ends.length === 1)
    const silent = opened(session, { ...unaryCall, ':path': '/test.Calls/Upload', 'grpc-timeout': '100m' }, null)
    silent.write(framed('x'))
    const { headers } = await answerOf(silent)
    assert.equal(headers['grpc-status'], '4')
    await until(() => ends.length === 2)
    assert.deepEqual(ends, [constants.NGHTTP2_CANCEL, constants.NGHTTP2_CANCEL])
    // The second time nobody waited for the target.
    assert.equal((await targetsOf(gateway))[0]?.failures, 1)
  })
})

test('a target waits for a client that does not read, and its neighbours do not', async t => {
  const size = 64 * 1024
  const count = 320
  let written = 0
  const service = await http2Service(t, (stream, headers) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    if (headers[':path'] === '/test.Calls/Unary') return void stream.end(framed('x'))
    const more = () => {
      while (written < count) if (!stream.write(Buffer.alloc(size, written++ % 128))) return
      stream.end()
    }
    stream.on('drain', more)
    more()
  })
  const gateway = await gatewayTo(t, [service.url], { group: { protocol: 'h2c' } })
  const session = await http2To(t, gateway.url)
  const stream = opened(session, { ...unaryCall, ':path': '/test.Calls/Download' }, framed('x'))
  await once(stream, 'response')
  for (let i = 0; i < 100; i++)
    assert.equal((await answerOf(opened(session, unaryCall, framed('x')))).trailers['grpc-status'], '0')
  assert.ok(written < count / 4, `${written} of ${count} were written for a client that does not read`)
  const { text: whole, trailers } = await answerOf(stream)
  assert.deepEqual([whole.length, trailers['grpc-status']], [size * count, '0'])
})

describe('silence', () => {
  /** Longer than any time that the configuration has for other requests. */
  const aWhile = async () => {
    const endAt = performance.now() + 300
    await until(() => performance.now() > endAt)
  }

  test('within a stream is no failure of the target, nor of the client', async t => {
    const { caller, gateway } = await alone(t, echo, {
      group: { timeouts: { idle: '50ms' } },
      timeouts: { request: '50ms' },
      route: { timeout: '60ms' }
    })
    const call = caller.talk()
    const ended = calledOf(call)
    for (const word of ['one', 'two']) {
      const back = once(call, 'data')
      call.write(Buffer.from(word))
      await back
      await aWhile()
    }
    call.end()
    assert.equal((await ended).status.code, status.OK)
    assert.equal((await targetsOf(gateway))[0]?.failures, 0)
  })

  test('of a client before its target has said anything is none either', async t => {
    const { caller } = await alone(t, echo, { timeouts: { request: '50ms' } })
    const call = caller.talk()
    const ended = calledOf(call)
    await aWhile()
    call.write(Buffer.from('late'))
    call.end()
    const { status: end, messages } = await ended
    assert.deepEqual([end.code, text(messages)], [status.OK, 'late'])
  })
})

test('a target that is drained ends the calls that it has, and gets no new ones', async t => {
  const names = await Promise.all(
    ['a', 'b'].map(async id => {
      const talk = (call: Talk) => {
        call.on('data', () => call.write(Buffer.from(id)))
        call.on('end', () => call.end())
      }
      const { url } = await grpcService(t, { talk, unary: (_call: Unary, done: Done) => done(null, Buffer.from(id)) })
      return { id, url }
    })
  )
  const gateway = await gatewayTo(t, names, { group: { protocol: 'h2c' } })
  const caller = new GrpcCaller(t, gateway.url)
  const call = caller.talk()
  const ended = calledOf(call)
  call.write(Buffer.from('x'))
  assert.equal(String((await once(call, 'data'))[0]), 'a')
  const drained = await fetch(`${gateway.adminUrl}/api/upstreams/service/targets/a/drain`, { method: 'POST' })
  assert.equal(drained.status, 200)
  for (let i = 0; i < 4; i++) assert.equal(text((await caller.unary()).messages), 'b')
  call.write(Buffer.from('x'))
  call.end()
  const { messages, status: end } = await ended
  assert.deepEqual([text(messages), end.code], ['a a', status.OK])
})
