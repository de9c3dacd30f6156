import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { seededRandom, upstream } from '../../src/testing.ts'
import { gatewayTo } from '../support/gateway.ts'
import { askIn, http2To, opened } from '../support/http2.ts'

/** A client that has room for all that it asks for. */
const roomy = { maxSessionMemory: 1000 }

describe('one connection of HTTP/2', () => {
  test('gets as many long answers at once from the cache as it has streams', async t => {
    const random = seededRandom(11)
    const body = Buffer.from(Array.from({ length: 1_000_003 }, () => 32 + Math.floor(random() * 90)))
    const sum = (text: string | Buffer) => createHash('sha1').update(text).digest('hex')
    const service = await upstream(t, { headers: { 'cache-control': 'max-age=60' }, body })
    const { url } = await gatewayTo(t, [service.url], { route: { cache: true } })
    const session = await http2To(t, url, roomy)
    await askIn(session)
    const answers = await Promise.all(Array.from({ length: 64 }, () => askIn(session)))
    for (const { status, text, resetBy } of answers) assert.deepEqual([status, resetBy, sum(text)], [200, 0, sum(body)])
    assert.equal(service.requests.length, 1)
  })

  test('has as many streams as it may, also where it reads none of them', async t => {
    const service = await upstream(t, { headers: { 'transfer-encoding': 'chunked' }, body: Buffer.alloc(300_000, 'x') })
    const listen = { address: '127.0.0.1:0', http2: { maxStreams: 400 } }
    const { url } = await gatewayTo(t, [service.url], { listen })
    const session = await http2To(t, url, roomy)
    for (let i = 0; i < 300; i++) await once(opened(session, { ':path': `/${i}` }), 'response')
    const last = opened(session, { ':path': '/last' })
    assert.equal(Number((await once(last, 'response'))[0][':status']), 200)
  })
})
