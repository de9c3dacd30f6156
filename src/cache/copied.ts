import { PassThrough, pipeline, type Readable } from 'node:stream'
import type { Visit } from './visit.ts'

/**
 * The same body, of which a copy is kept when all of it came and it is not too long. As far as it is kept it comes at its own pace:
 * others wait for it, and a client that reads slowly would hold them up.
 */
export function copied(body: Readable, maxBytes: number, visit: Visit): Readable {
  let chunks: Buffer[] = []
  let bytes = 0
  const through = new PassThrough({ highWaterMark: Math.max(maxBytes, 64 * 1024) })
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
    else {
      chunks = []
      visit.tooLong()
    }
  })
  pipeline(body, through, error => {
    if (!error && bytes <= maxBytes) visit.complete(Buffer.concat(chunks))
    visit.end()
  })
  return through
}
