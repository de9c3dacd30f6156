import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, test } from 'node:test'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { preface, protocolOf, readFirstBytes } from '../../../src/transport/first-bytes.ts'

/** A socket as far as it is used here. */
function connection() {
  const duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(), allowHalfOpen: true })
  const scheduler = new VirtualScheduler()
  const told: string[] = []
  readFirstBytes(duplex as Socket, {
    scheduler,
    timeoutMs: 100,
    decided: protocol => told.push(protocol),
    timedOut: () => told.push('timed out'),
    unfinished: length => told.push(`unfinished ${length}`)
  })
  const arrive = async (bytes: Uint8Array | null) => {
    duplex.push(bytes)
    await new Promise(resolve => setImmediate(resolve))
  }
  /** What whoever takes the connection reads. */
  const rest = () => String(duplex.read() ?? '')
  return { duplex, scheduler, told, arrive, rest }
}

const heads = [
  'GET / HTTP/1.1\r\n\r\n',
  'PRI / HTTP/1.1\r\n\r\n',
  'POST / HTTP/1.1\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nXM\r\n\r\n',
  '\x16\x03'
]

describe('the first bytes of a connection', () => {
  test('tell HTTP/2 by its preface, all of it, and HTTP/1 by the first byte that differs', () => {
    for (let length = 0; length < preface.length; length++) assert.equal(protocolOf(preface.subarray(0, length)), undefined)
    assert.equal(protocolOf(preface), 'http2')
    assert.equal(protocolOf(Buffer.concat([preface, Buffer.from('more')])), 'http2')
    for (let at = 0; at < preface.length; at++) {
      const other = Buffer.from(preface)
      other[at] = (other[at] ?? 0) ^ 1
      assert.equal(protocolOf(other), 'http1')
      assert.equal(protocolOf(other.subarray(0, at + 1)), 'http1')
    }
  })

  test('may come in any two pieces, and are all there for whoever takes it', async () => {
    for (const [whole, protocol] of [[String(preface), 'http2'] as const, ...heads.map(head => [head, 'http1'] as const)]) {
      for (let cut = 1; cut <= whole.length; cut++) {
        const { told, arrive, rest, duplex } = connection()
        await arrive(Buffer.from(whole.slice(0, cut)))
        const early = rest()
        if (cut < whole.length && told.length === 0) await arrive(Buffer.from(whole.slice(cut)))
        else if (cut < whole.length) duplex.push(Buffer.from(whole.slice(cut)))
        assert.deepEqual(told, [protocol], `${JSON.stringify(whole)} cut at ${cut}`)
        assert.equal(early + rest(), whole)
      }
    }
  })

  test('may come one by one', async () => {
    const { told, arrive, rest } = connection()
    for (const byte of preface) await arrive(Buffer.from([byte]))
    assert.deepEqual(told, ['http2'])
    assert.equal(rest(), String(preface))
  })

  test('are waited for so long, and then no more', async () => {
    for (const sent of [0, 1, preface.length - 1]) {
      const { told, arrive, scheduler } = connection()
      if (sent > 0) await arrive(preface.subarray(0, sent))
      scheduler.advance(99)
      assert.deepEqual(told, [])
      scheduler.advance(1)
      assert.deepEqual(told, ['timed out'])
      await arrive(preface)
      scheduler.advance(1000)
      assert.deepEqual(told, ['timed out'])
    }
  })

  test('that end too soon are told of with what came; a connection that is gone is nobody to tell of', async () => {
    for (const sent of [0, 5]) {
      const { told, arrive } = connection()
      if (sent > 0) await arrive(preface.subarray(0, sent))
      await arrive(null)
      assert.deepEqual(told, [`unfinished ${sent}`])
    }
    const { told, duplex, scheduler } = connection()
    duplex.destroy(new Error('reset'))
    await new Promise(resolve => setImmediate(resolve))
    scheduler.advance(1000)
    assert.deepEqual(told, [])
  })
})
