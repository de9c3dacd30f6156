import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync
} from 'node:zlib'
import { compressed } from '../../../src/compress/compressor.ts'
import { seeded } from '../fixtures/seed.ts'

const unpack = { zstd: zstdDecompressSync, br: brotliDecompressSync, gzip: gunzipSync }
const unpacking = { zstd: createZstdDecompress, br: createBrotliDecompress, gzip: createGunzip }

for (const encoding of ['zstd', 'br', 'gzip'] as const) {
  test(`${encoding}: any chunks come back as they were`, async t => {
    const random = seeded(t, 7)
    for (let round = 0; round < 10; round++) {
      const chunks = Array.from({ length: 1 + Math.floor(random() * 30) }, () =>
        Buffer.alloc(1 + Math.floor(random() ** 3 * 200_000), `${random()}`)
      )
      const packed = await buffer(compressed(Readable.from(chunks), encoding))
      assert.ok(unpack[encoding](packed).equals(Buffer.concat(chunks)))
    }
  })

  test(`${encoding}: nothing at all is a complete nothing`, async () => {
    assert.equal(unpack[encoding](await buffer(compressed(Readable.from([]), encoding))).length, 0)
  })

  test(`${encoding}: what was said so far can be read while the source pauses`, async () => {
    const source = new PassThrough()
    const plain = compressed(source, encoding).pipe(unpacking[encoding]())
    for (const word of ['hello', 'again']) {
      source.write(word)
      const [said] = await once(plain, 'data')
      assert.equal(String(said), word)
    }
    source.destroy()
  })
}

test('chunks that come together are not flushed one by one', async () => {
  const rows = Array.from({ length: 5000 }, (_, id) => `{"id":${id},"name":"row"}\n`)
  const source = new PassThrough({ highWaterMark: 1_000_000 })
  for (const row of rows) source.write(row)
  source.end()
  const packed = await buffer(compressed(source, 'gzip'))
  assert.ok(packed.length < rows.join('').length / 4, `${packed.length} bytes`)
})

test('a source that breaks breaks it', async () => {
  const source = new PassThrough()
  const stream = compressed(source, 'gzip')
  source.write('hello')
  await once(stream, 'data')
  const failure = new Error('broken')
  source.on('error', () => {})
  source.destroy(failure)
  const [error] = await once(stream, 'error')
  assert.equal(error, failure)
  assert.equal(stream.readableEnded, false)
})

test('a source that was broken before, or is given up without a word, breaks it too', async () => {
  const broken = new PassThrough().on('error', () => {})
  broken.destroy(new Error('broken'))
  await new Promise(closed => void broken.once('close', closed))
  await assert.rejects(buffer(compressed(broken, 'br')))
  const left = new PassThrough()
  const stream = compressed(left, 'br')
  left.destroy()
  await assert.rejects(buffer(stream), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
})

test('the source is destroyed when nobody reads it any more', async () => {
  const source = new PassThrough()
  const stream = compressed(source, 'zstd')
  source.write('hello')
  stream.destroy()
  await once(source, 'close')
  assert.equal(source.destroyed, true)
})

test('the source waits for a reader that does not read', async t => {
  const random = seeded(t, 3)
  let taken = 0
  const source = new Readable({
    read() {
      taken++
      this.push(Buffer.from(Array.from({ length: 16_384 }, () => Math.floor(random() * 256))))
    }
  })
  const stream = compressed(source, 'gzip')
  while (!source.isPaused()) await once(source, 'pause')
  await new Promise(setImmediate)
  assert.ok(taken < 50, `${taken} chunks of 16 kB`)
  stream.destroy()
})
