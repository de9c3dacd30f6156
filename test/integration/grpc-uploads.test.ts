import assert from 'node:assert/strict'
import { request } from 'node:http'
import { constants } from 'node:http2'
import { describe, test } from 'node:test'
import { endStream, type Frame, framePeer, goaway, ok, reset, settings, type } from '../support/frame-peer.ts'
import { frame as clientFrame, endHeaders, framesTo, request as headOf, number } from '../support/frames.ts'
import { gatewayTo } from '../support/gateway.ts'
import { framed } from '../support/grpc.ts'
import { http2To, opened } from '../support/http2.ts'
import { until } from '../support/until.ts'

const grpc = { ':method': 'POST', ':path': '/test.Calls/Upload', 'content-type': 'application/grpc', te: 'trailers' }
const head = headOf([':method', 'POST'], ['content-type', 'application/grpc'], ['te', 'trailers'])

/** A gateway before a target that says nothing, and what has come to it. */
async function silent(t: Parameters<typeof framePeer>[0]) {
  const frames: Frame[] = []
  const peer = await framePeer(
    t,
    connection => connection.send(settings()),
    each => frames.push(each)
  )
  const gateway = await gatewayTo(t, [peer.url], { group: { protocol: 'h2c', retry: { attempts: 1 } } })
  return { gateway, frames }
}

describe('an upload over HTTP/2 that is cut', () => {
  const isCancelled = (frames: readonly Frame[]) => frames.some(each => each.type === type.reset)
  const check = (frames: readonly Frame[]) => {
    assert.deepEqual(
      frames.filter(each => each.type === type.data && (each.flags & endStream) !== 0),
      []
    )
    const resets = frames.filter(each => each.type === type.reset).map(({ payload }) => payload.readUInt32BE())
    assert.deepEqual(resets, [constants.NGHTTP2_CANCEL])
  }

  test('by a client of HTTP/2 is reset at the target, and never looks complete', async t => {
    const { gateway, frames } = await silent(t)
    // A client of Node would end its body before it resets it.
    const client = await framesTo(t, gateway.port)
    client.send(clientFrame('HEADERS', endHeaders, 1, head), clientFrame('DATA', 0, 1, Buffer.alloc(100)))
    await until(() => frames.some(each => each.type === type.data))
    client.send(clientFrame('RST_STREAM', 0, 1, number(constants.NGHTTP2_CANCEL)))
    await until(() => isCancelled(frames))
    check(frames)
  })

  test('in the middle of much more than the target takes in, too', async t => {
    const { gateway, frames } = await silent(t)
    const stream = opened(await http2To(t, gateway.url), grpc, null)
    stream.write(Buffer.alloc(1_000_000))
    const bytes = () => frames.filter(each => each.type === type.data).reduce((sum, { payload }) => sum + payload.length, 0)
    await until(() => bytes() === 65_535)
    stream.close(constants.NGHTTP2_CANCEL)
    await until(() => isCancelled(frames))
    check(frames)
  })

  test('by a client of HTTP/1.1 is reset as well', async t => {
    const { gateway, frames } = await silent(t)
    const asking = request(gateway.url, { method: 'POST', agent: false })
    asking.on('error', () => {})
    asking.write(Buffer.alloc(70_000))
    await until(() => frames.some(each => each.type === type.data))
    asking.destroy()
    await until(() => isCancelled(frames))
    check(frames)
  })

  test('because its deadline is over is reset as well', async t => {
    const { gateway, frames } = await silent(t)
    const stream = opened(await http2To(t, gateway.url), { ...grpc, 'grpc-timeout': '100m' }, null)
    stream.write(Buffer.alloc(100))
    await until(() => isCancelled(frames))
    check(frames)
  })
})

test('what of a call was not processed is sent again, with what has gone of its upload', async t => {
  const refused = [(each: Frame) => reset(each.stream, 7), () => goaway(0)]
  for (const refusal of refused) {
    const peer = await framePeer(
      t,
      connection => connection.send(settings()),
      (each, connection) => {
        if (each.type === type.data) connection.send(refusal(each))
      }
    )
    const came: Buffer[] = []
    const good = await framePeer(
      t,
      connection => connection.send(settings()),
      (each, connection) => {
        if (each.type !== type.data) return
        came.push(each.payload)
        if (each.flags & endStream) connection.send(ok(each.stream, endStream))
      }
    )
    const gateway = await gatewayTo(t, [peer.url, good.url], { group: { protocol: 'h2c' } })
    const stream = opened(await http2To(t, gateway.url), grpc, null)
    stream.write(framed('the first'))
    await until(() => came.length > 0)
    stream.end(framed('and the rest'))
    await new Promise(resolve => stream.on('response', resolve))
    assert.deepEqual(Buffer.concat(came), Buffer.concat([framed('the first'), framed('and the rest')]))
  }
})
