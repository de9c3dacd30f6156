import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Metadata, type ServerReadableStream, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import { build, type TestScope } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo, nowhere, type Setup } from '../support/gateway.ts'
import { GrpcCaller, grpcService } from '../support/grpc.ts'
import { http2Service } from '../support/http2-service.ts'
import { targetsOf } from '../support/operator.ts'
import { claims, hsToken, secret } from '../support/tokens.ts'
import { wireTo } from '../support/wire.ts'

type Unary = ServerUnaryCall<Buffer, Buffer>
type Done = sendUnaryData<Buffer>

const echo = {
  unary: (call: Unary, done: Done) => done(null, call.request),
  upload(call: ServerReadableStream<Buffer, Buffer>, done: Done) {
    let bytes = 0
    call.on('data', message => (bytes += message.length))
    call.on('end', () => done(null, Buffer.from(String(bytes))))
  }
}

async function before(t: TestScope, setup: Setup = {}) {
  const { url } = await grpcService(t, { ...echo })
  const gateway = await gatewayTo(t, [url], { ...setup, group: { protocol: 'h2c', ...setup.group } })
  return { gateway, caller: new GrpcCaller(t, gateway.url) }
}

describe('what a client of gRPC is told', () => {
  const told = async (caller: GrpcCaller, metadata = new Metadata()) => {
    const { status: end } = await caller.unary(Buffer.from('x'), { metadata })
    return [end.code, end.details.split(':')[0]]
  }

  test('when no target can be reached, or none is left', async t => {
    const group = { protocol: 'h2c', breaker: { failureShare: 0.5, minimum: 2, window: '10s', open: '60s' } } as const
    const { url } = await gatewayTo(t, [nowhere], { group: { ...group, retry: { attempts: 1 } } })
    const caller = new GrpcCaller(t, url)
    assert.deepEqual(await told(caller), [status.UNAVAILABLE, 'EG_UPSTREAM_FAILED'])
    await told(caller)
    await told(caller)
    assert.deepEqual(await told(caller), [status.UNAVAILABLE, 'EG_NO_TARGET'])
  })

  test('when there is no route', async t => {
    const { caller } = await before(t, { route: { prefix: '/other.Service' } })
    assert.deepEqual(await told(caller), [status.UNIMPLEMENTED, 'EG_NO_ROUTE'])
  })

  test('when it is not known, not allowed, or known', async t => {
    const { url } = await grpcService(t, { ...echo })
    const gateway = await build(t, {
      security: { jwt: { issuer: 'https://id.test', audience: 'api', secret } },
      upstreams: { calls: { targets: [url], protocol: 'h2c' } },
      routes: [{ prefix: '/test.Calls', upstream: 'calls', auth: { jwt: true, scopes: ['write'] } }]
    })
    const caller = new GrpcCaller(t, gateway.url)
    const as = (more: object) => {
      const metadata = new Metadata()
      metadata.set('authorization', `Bearer ${hsToken(claims({ ...more }))}`)
      return metadata
    }
    assert.deepEqual(await told(caller), [status.UNAUTHENTICATED, 'EG_UNAUTHENTICATED'])
    assert.deepEqual(await told(caller, as({ scope: 'read' })), [status.PERMISSION_DENIED, 'EG_FORBIDDEN'])
    assert.equal((await told(caller, as({ scope: 'write' })))[0], status.OK)
  })

  test('when it calls too often', async t => {
    const { caller } = await before(t, { route: { rateLimit: { limit: 1, window: '1m' } } })
    assert.equal((await told(caller))[0], status.OK)
    const { status: end, initial } = await caller.unary()
    assert.deepEqual([end.code, end.details.split(':')[0]], [status.UNAVAILABLE, 'EG_RATE_LIMITED'])
    assert.ok((end.metadata.get('retry-after')[0] ?? initial?.get('retry-after')[0]) !== undefined)
  })

  test('when one of its messages is above body.max, however long all of them are together', async t => {
    const { caller, gateway } = await before(t, { route: { body: { max: '100kb', buffer: '1kb' } } })
    const large = Buffer.alloc(100 * 1024)
    for (let i = 0; i < 3; i++) {
      const { status: end, messages } = await caller.upload(Array.from({ length: 20 }, () => large))
      assert.deepEqual([end.code, messages.map(String)], [status.OK, [String(20 * large.length)]])
    }
    const more = Buffer.alloc(100 * 1024 + 1)
    for (const messages of [[more], [large, more, large]]) {
      const { status: end } = await caller.upload(messages)
      assert.deepEqual([end.code, end.details.split(':')[0]], [status.RESOURCE_EXHAUSTED, 'EG_BODY_TOO_LARGE'])
    }
    assert.equal((await caller.unary(more)).status.code, status.RESOURCE_EXHAUSTED)
    assert.equal((await caller.unary(large)).status.code, status.OK)
    const [target] = await targetsOf(gateway)
    assert.deepEqual([target?.inFlight, target?.failures], [0, 0])
  })

  test('by a fixed answer: its HTTP status, as gRPC reads it, or the status that stands in it', async t => {
    const answers = [
      [{ status: 404 }, status.UNIMPLEMENTED],
      [{ status: 503 }, status.UNAVAILABLE],
      [{ status: 403 }, status.PERMISSION_DENIED],
      [{ headers: { 'content-type': 'application/grpc', 'grpc-status': '9', 'grpc-message': 'not%20yet' } }, 9]
    ] as const
    for (const [respond, code] of answers) {
      const { url } = await build(t, { routes: [{ prefix: '/', respond }] })
      const { status: end } = await new GrpcCaller(t, url).unary()
      assert.equal(end.code, code)
      if (code === 9) assert.equal(end.details, 'not yet')
    }
  })
})

describe('a unary call that a target does not take', () => {
  /** Two targets, the first of which answers with trailers alone. */
  const behind = async (t: TestScope, fields: Record<string, string>, retry: NonNullable<Setup['group']>['retry']) => {
    let asked = 0
    const bad = await http2Service(t, stream => {
      asked++
      stream.resume()
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...fields }, { endStream: true })
    })
    const good = await grpcService(t, { ...echo })
    const { url } = await gatewayTo(t, [bad.url, good.url], { group: { protocol: 'h2c', ...(retry && { retry }) } })
    const { status: end, messages } = await new GrpcCaller(t, url).unary(Buffer.from('again'))
    return [end.code, messages.map(String).join(), asked]
  }
  const unavailable = { 'grpc-status': '14' }

  test('is tried again where the configuration allows it, with all that it says', async t => {
    assert.deepEqual(await behind(t, unavailable, {}), [status.UNAVAILABLE, '', 1])
    assert.deepEqual(await behind(t, unavailable, { unsafe: true }), [status.OK, 'again', 1])
  })

  test('is not tried again when the client is to blame', async t => {
    for (const code of [status.NOT_FOUND, status.INVALID_ARGUMENT, status.PERMISSION_DENIED])
      assert.deepEqual(await behind(t, { 'grpc-status': String(code) }, { unsafe: true }), [code, '', 1])
  })

  test('is not tried again when the target does not want it to be', async t => {
    for (const pushback of ['-1', 'x']) {
      const fields = { ...unavailable, 'grpc-retry-pushback-ms': pushback }
      assert.deepEqual(await behind(t, fields, { unsafe: true }), [status.UNAVAILABLE, '', 1])
    }
    assert.deepEqual(await behind(t, { ...unavailable, 'grpc-retry-pushback-ms': '5' }, { unsafe: true }), [0, 'again', 1])
  })

  test('may be asked again of the same target once it wants it', async t => {
    const times: number[] = []
    const { url } = await http2Service(t, stream => {
      times.push(performance.now())
      stream.resume()
      const first = times.length === 1
      const fields = first ? { 'grpc-status': '14', 'grpc-retry-pushback-ms': '200' } : { 'grpc-status': '5' }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...fields }, { endStream: true })
    })
    const gateway = await gatewayTo(t, [url], { group: { protocol: 'h2c', retry: { unsafe: true } } })
    assert.equal((await new GrpcCaller(t, gateway.url).unary()).status.code, status.NOT_FOUND)
    // Two clocks are never quite the same.
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 190, String(times))
  })
})

test('a breaker opens for UNAVAILABLE, and not for what is the affair of the client', async t => {
  const breaker = { failureShare: 0.5, minimum: 5, window: '10s', open: '60s' } as const
  for (const [code, state] of [
    [status.NOT_FOUND, 'closed'],
    [status.INVALID_ARGUMENT, 'closed'],
    [status.UNIMPLEMENTED, 'closed'],
    [status.UNAVAILABLE, 'open'],
    [status.INTERNAL, 'open']
  ] as const) {
    const { url } = await grpcService(t, { unary: (_call: Unary, done: Done) => done({ code, details: 'so' }) })
    const gateway = await gatewayTo(t, [url], { group: { protocol: 'h2c', breaker, retry: { attempts: 1 } } })
    const caller = new GrpcCaller(t, gateway.url)
    for (let i = 0; i < 5; i++) assert.equal((await caller.unary()).status.code, code)
    assert.equal((await targetsOf(gateway))[0]?.breaker, state, status[code])
  }
})

describe('trailers after an answer without a body', () => {
  const before = async (t: TestScope) => {
    const { url } = await http2Service(t, stream => {
      stream.resume()
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'x-sum': '5' }))
      stream.end()
    })
    return gatewayTo(t, [url], { group: { protocol: 'h2c' } })
  }

  test('reach a client of HTTP/1.1 that takes them', async t => {
    const { url } = await before(t)
    const { headers, trailers, text } = await ask(url, { headers: { te: 'trailers' } })
    assert.deepEqual([{ ...trailers }, text], [{ 'grpc-status': '0', 'x-sum': '5' }, ''])
    assert.deepEqual([headers['transfer-encoding'], headers['content-length']], ['chunked', undefined])
  })

  test('are left out for others, who get an answer of no length', async t => {
    const { url, port } = await before(t)
    assert.equal((await ask(url)).text, '')
    const wire = await wireTo(t, port)
    wire.send('GET / HTTP/1.0\r\nte: trailers\r\n\r\n')
    const said = await wire.all()
    assert.match(said, /^HTTP\/1\.1 200 /)
    assert.doesNotMatch(said, /x-sum|chunked/)
  })
})
