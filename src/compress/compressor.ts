import { finished, type Readable, type Transform } from 'node:stream'
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib'
import type { Encoding } from '../model/compression.ts'

/** A window of 512 KiB: what repeats is rarely further apart, and each stream holds its window in memory. */
const windowBits = 19

/** For streams: about as much smaller as the default level of gzip, at a fraction of what the best would cost. */
export const brotliParams = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: windowBits }
export const zstdParams = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: windowBits }
export const gzipLevel = 6

interface Compressor extends Transform {
  flush(kind: number): void
}

const makers: Readonly<Record<Encoding, () => { readonly stream: Compressor; readonly flush: number }>> = {
  zstd: () => ({ stream: createZstdCompress({ params: zstdParams }), flush: constants.ZSTD_e_flush }),
  br: () => ({ stream: createBrotliCompress({ params: brotliParams }), flush: constants.BROTLI_OPERATION_FLUSH }),
  gzip: () => ({ stream: createGzip({ level: gzipLevel }), flush: constants.Z_SYNC_FLUSH })
}

/**
 * What a source says, compressed, at the pace of the slower side. Whenever the source pauses, what it has said so far goes out:
 * nothing is held back until a block is full. A source that breaks breaks it, so that nobody takes what came for the whole; when
 * nobody reads it any more, the source is destroyed.
 */
export function compressed(source: Readable, encoding: Encoding): Readable {
  const { stream, flush } = makers[encoding]()
  const written = () => {
    // Several chunks that came together are flushed together.
    if (stream.writableLength === 0 && !stream.writableEnded && !stream.destroyed) stream.flush(flush)
  }
  finished(source, { writable: false }, error => {
    if (error) stream.destroy(error)
    else stream.end()
  })
  stream.on('drain', () => source.resume())
  stream.once('close', () => source.destroy())
  // Whoever reads it is told of an error; before anybody does, nobody else is there to hear it.
  stream.on('error', () => {})
  source.on('data', (chunk: Buffer) => {
    if (!stream.write(chunk, written)) source.pause()
  })
  return stream
}
